-- One row per raw name of one source, with the model it stands for.
-- A name nobody knows stays visible, and is marked so.  Names that differ only in settings are one unknown model, named
-- as the plainest of its spellings that was read first: so a model of a family nobody knows is one on all boards.  An
-- organisation nobody knows before it is no difference (`nex-agi/nex-n2-pro`), but where several have one of that name.
-- "Instruct" at the end is none either (`Apertus 70B`), unless one source has the name with it and without: then these
-- are the weights before and after.
with unread as (
    select
        source, name, first_on, coalesce(nullif(stem, ''), name) as word, regexp_replace(word, '-(instruct|instruction|chat|it)$', '') as plain,
        coalesce(nullif(owner, ''), nullif(developer, '')) as maker
    from input.resolution
    where model = '' and candidates = ''
),
told_apart as (
    select plain from unread group by source, plain having min(word) <> max(word)
),
worded as (
    select * replace (case when plain in (select t.plain from told_apart t) then word else plain end as word) from unread
),
made_by as (
    select *, min(maker) over (partition by word) <> max(maker) over (partition by word) as several from worded
),
unknown as (
    select
        source, name,
        first_value(name) over (
            partition by word, case when several then maker end order by first_on, length(name), name, source
        ) as model
    from made_by
)
select
    r.source, r.name,
    coalesce(nullif(r.model, ''), u.model, r.name) as model,
    coalesce(nullif(r.title, ''), u.model, r.name) as title,
    r.developer, r.family, r.variant, r.layer, r.candidates,
    r.layer <> 'unresolved' as known,
    -- A month and day without a year may be read as one to come: that dates nothing.
    r.checkpoint_of, case when r.dated_on <= night() then r.dated_on end as dated_on
from input.resolution r
left join unknown u using (source, name)
