-- Claims without exactly one verdict and one explanation, judged figures without a verdict, and figures listed twice.
select c.claim_id, count(v.claim_id) as times, max(v.verdict) as verdict, max(v.explanation) as stated
from seed.claim c
left join marts.claim_verdict v using (claim_id)
group by c.claim_id
having count(v.claim_id) <> 1 or count(v.verdict) <> 1 or count(v.explanation) <> 1
union all
select claim_id, count(*), max(part), max(scope)
from marts.claim_evidence
where role in ('headline', 'counts') and verdict is null
group by claim_id
union all
select claim_id, count(*), part, format('{} {}', scope, tier)
from marts.claim_evidence
group by claim_id, part, scope, tier
having count(*) > 1
