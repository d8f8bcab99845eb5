-- The rows of format 1, read as old_TABLE, into the tables of format 2. What is new: a hold's
-- allocations lie in its own row, in the order of spending; what members spend is summed.

INSERT INTO pool(id,epoch,anchor,plan,plan_amount,next_plan,next_plan_amount,frozen,period,
    grant_count,seq,head_hash,last_at)
  SELECT id,epoch,anchor,plan,plan_amount,next_plan,next_plan_amount,frozen,period,
    grant_count,seq,head_hash,last_at FROM old_pool;

INSERT INTO period(pool,no,starts_at,ends_at,granted,posted,pending,expired)
  SELECT pool,no,starts_at,ends_at,granted,posted,pending,expired FROM old_period;

INSERT INTO grant_(pool,no,period,kind,amount,used,held,revoked,expired,priority,effective_at,
    expires_at,source)
  SELECT pool,no,period,kind,amount,used,held,revoked,expired,priority,effective_at,
    expires_at,source FROM old_grant_;

INSERT INTO hold(id,pool,member,turn,fingerprint,period,state,estimate,ceiling,charged,overrun,
    basis,price_version,model,kind,conversation,allocations,envelopes,provider_op,reason,
    expires_at,created_at,dispatched_at,unknown_since,resolved_at,resolved_first,resolved_last)
  SELECT id,pool,member,turn,fingerprint,period,state,estimate,ceiling,charged,overrun,
    basis,price_version,model,kind,NULL,
    coalesce((SELECT group_concat(grant_no||':'||amount||':'||used,';' ORDER BY position)
      FROM old_hold_alloc a WHERE a.hold=h.id),''),
    '',provider_op,reason,
    expires_at,created_at,dispatched_at,unknown_since,resolved_at,resolved_first,resolved_last
  FROM old_hold h;

INSERT INTO member_use(pool,member,period,posted,pending)
  SELECT pool,member,period,sum(coalesce(charged,0)),
    sum(CASE WHEN state IN ('held','dispatched','unknown') THEN ceiling ELSE 0 END)
  FROM old_hold GROUP BY pool,member,period;

INSERT INTO entry(pool,seq,tx,debit,credit,amount,kind,hold,reverses,detail,actor,reason,at,
    prev_hash,hash)
  SELECT pool,seq,tx,debit,credit,amount,kind,hold,reverses,detail,actor,reason,at,
    prev_hash,hash FROM old_entry ORDER BY pool, seq;
