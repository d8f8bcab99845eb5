-- An entry follows the one before it, whoever writes: numbers have no gap.

CREATE TRIGGER entry_dense BEFORE INSERT ON entry
  WHEN NEW.seq<>1 AND NOT EXISTS(SELECT 1 FROM entry WHERE pool=NEW.pool AND seq=NEW.seq-1)
  BEGIN SELECT RAISE(ABORT,'entries have no gaps'); END;
