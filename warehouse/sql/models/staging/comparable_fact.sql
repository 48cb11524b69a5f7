-- One row per fact as a source states it (`staging.fact_by_source`), with what makes two statements differ: `stated`, the
-- value once spelling is set aside (NULL: it only names a class), and for a licence the tier it belongs to.
with spelled as (
    select
        f.*,
        regexp_replace(regexp_replace(
            lower(f.value), '^other:|agreement|licen[cs]e|community|terms of use|terms-of-use'
            || '|^meta |tongyi| (with|\(w/) .*$', '', 'g'
        ), '[^a-z0-9]|model', '', 'g') as bare,
        l.tier
    from staging.fact_by_source f
    left join seed.licence l on f.fact = 'licence' and l.licence = lower(f.value)
)
select
    * exclude (bare, tier),
    case
        when fact <> 'licence' then value
        when bare in (
            'unrestricted', 'restricteduse', 'noncommercial', 'noncommercialresearch', 'open', 'other',
            'unknown', 'proprietary', ''
        ) then null
        else replace(replace(replace(bare, 'qianwen', 'qwen'), 'mistralresearch', 'mrl'), 'apache20', 'apache2') end
        as stated,
    case
        when fact <> 'licence' then null
        when bare = 'unrestricted' then 'T1' when bare = 'restricteduse' then 'T2'
        when bare in ('noncommercial', 'noncommercialresearch') then 'T3'
        when lower(value) not in ('other', 'unknown') then tier
    end as class
from spelled
