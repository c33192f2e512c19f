BEGIN
  $IF $$a $THEN x := 1; $ELSE y := q'[it's]'; $END
  EXECUTE IMMEDIATE 'DELETE FROM t WHERE a = :1' USING x;
END;
/
