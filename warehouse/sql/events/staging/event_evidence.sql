-- One row per board edition, model and value: the first page that showed it.
select
    o.board, o.edition, n.model, o.value,
    arg_min(struct_pack(
        url := o.url, sha256 := o.sha256, written_as := o.name, known_on := o.known_on
    ), (o.sha256 = '', o.known_on, o.url, o.page_key, o.name)) as page
from staging.observation o
join staging.resolved_name n on n.source = o.source and n.name = o.name
group by all
