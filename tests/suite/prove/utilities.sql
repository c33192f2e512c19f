-- Utilities as they stand in many code bases: texts, dates, numbers.
CREATE OR REPLACE PACKAGE text_util AS
  TYPE t_texts IS TABLE OF VARCHAR2(4000);
  FUNCTION merged(p_text IN VARCHAR2, p_1 IN VARCHAR2 := NULL, p_2 IN VARCHAR2 := NULL) RETURN VARCHAR2;
  FUNCTION token(p_text IN VARCHAR2, p_n IN NUMBER, p_sep IN VARCHAR2 := ',') RETURN VARCHAR2;
  FUNCTION tokens(p_text IN VARCHAR2, p_sep IN VARCHAR2 := ',') RETURN NUMBER;
  FUNCTION is_number(p_text IN VARCHAR2) RETURN BOOLEAN;
  FUNCTION shortened(p_text IN VARCHAR2, p_length IN NUMBER, p_mark IN VARCHAR2 := '...') RETURN VARCHAR2;
  FUNCTION pretty(p_text IN VARCHAR2) RETURN VARCHAR2;
  FUNCTION reversed(p_text IN VARCHAR2) RETURN VARCHAR2;
  FUNCTION split(p_text IN VARCHAR2, p_sep IN VARCHAR2) RETURN t_texts;
  FUNCTION joined(p_texts IN t_texts, p_sep IN VARCHAR2) RETURN VARCHAR2;
  FUNCTION in_list(p_item IN VARCHAR2, p_list IN VARCHAR2, p_sep IN VARCHAR2 := ';') RETURN BOOLEAN;
  FUNCTION digits(p_text IN VARCHAR2) RETURN VARCHAR2;
  FUNCTION hex(p_n IN NUMBER) RETURN VARCHAR2;
  FUNCTION roman(p_n IN PLS_INTEGER) RETURN VARCHAR2;
  FUNCTION luhn(p_number IN VARCHAR2) RETURN BOOLEAN;
END text_util;
/
CREATE OR REPLACE PACKAGE BODY text_util AS
  FUNCTION merged(p_text IN VARCHAR2, p_1 IN VARCHAR2 := NULL, p_2 IN VARCHAR2 := NULL) RETURN VARCHAR2 IS
    l_text VARCHAR2(32767) := p_text;
  BEGIN
    l_text := REPLACE(l_text, '%1', NVL(p_1, '(none)'));
    l_text := REPLACE(l_text, '%2', NVL(p_2, '(none)'));
    RETURN l_text;
  END merged;

  FUNCTION token(p_text IN VARCHAR2, p_n IN NUMBER, p_sep IN VARCHAR2 := ',') RETURN VARCHAR2 IS
    l_all  VARCHAR2(32767) := p_sep || p_text || p_sep;
    l_from PLS_INTEGER := INSTR(l_all, p_sep, 1, p_n);
    l_to   PLS_INTEGER := INSTR(l_all, p_sep, 1, p_n + 1);
  BEGIN
    IF l_from = 0 OR l_to = 0 THEN
      RETURN NULL;
    END IF;
    RETURN SUBSTR(l_all, l_from + LENGTH(p_sep), l_to - l_from - LENGTH(p_sep));
  END token;

  FUNCTION tokens(p_text IN VARCHAR2, p_sep IN VARCHAR2 := ',') RETURN NUMBER IS
    l_n PLS_INTEGER := 0;
  BEGIN
    IF p_text IS NULL THEN
      RETURN 0;
    END IF;
    LOOP
      l_n := l_n + 1;
      EXIT WHEN INSTR(p_text, p_sep, 1, l_n) = 0;
    END LOOP;
    RETURN l_n;
  END tokens;

  FUNCTION is_number(p_text IN VARCHAR2) RETURN BOOLEAN IS
    l_n NUMBER;
  BEGIN
    l_n := TO_NUMBER(p_text);
    RETURN TRUE;
  EXCEPTION
    WHEN VALUE_ERROR OR INVALID_NUMBER THEN
      RETURN FALSE;
  END is_number;

  FUNCTION shortened(p_text IN VARCHAR2, p_length IN NUMBER, p_mark IN VARCHAR2 := '...') RETURN VARCHAR2 IS
  BEGIN
    RETURN CASE WHEN LENGTH(p_text) > p_length THEN SUBSTR(p_text, 1, p_length - LENGTH(p_mark)) || p_mark ELSE p_text END;
  END shortened;

  FUNCTION pretty(p_text IN VARCHAR2) RETURN VARCHAR2 IS
  BEGIN
    RETURN REPLACE(INITCAP(TRIM(p_text)), '_', ' ');
  END pretty;

  FUNCTION reversed(p_text IN VARCHAR2) RETURN VARCHAR2 IS
    l_text VARCHAR2(4000);
  BEGIN
    FOR i IN REVERSE 1 .. NVL(LENGTH(p_text), 0) LOOP
      l_text := l_text || SUBSTR(p_text, i, 1);
    END LOOP;
    RETURN l_text;
  END reversed;

  FUNCTION split(p_text IN VARCHAR2, p_sep IN VARCHAR2) RETURN t_texts IS
    l_texts t_texts := t_texts();
    l_rest  VARCHAR2(32767) := p_text || p_sep;
    l_at    PLS_INTEGER;
  BEGIN
    WHILE l_rest IS NOT NULL LOOP
      l_at := INSTR(l_rest, p_sep);
      IF l_at > 1 THEN
        l_texts.EXTEND;
        l_texts(l_texts.LAST) := SUBSTR(l_rest, 1, l_at - 1);
      END IF;
      l_rest := SUBSTR(l_rest, l_at + 1);
    END LOOP;
    RETURN l_texts;
  END split;

  FUNCTION joined(p_texts IN t_texts, p_sep IN VARCHAR2) RETURN VARCHAR2 IS
    l_text VARCHAR2(32767);
    i      PLS_INTEGER := p_texts.FIRST;
  BEGIN
    WHILE i IS NOT NULL LOOP
      l_text := l_text || CASE WHEN i > p_texts.FIRST THEN p_sep END || p_texts(i);
      i := p_texts.NEXT(i);
    END LOOP;
    RETURN l_text;
  END joined;

  FUNCTION in_list(p_item IN VARCHAR2, p_list IN VARCHAR2, p_sep IN VARCHAR2 := ';') RETURN BOOLEAN IS
  BEGIN
    RETURN p_item IS NOT NULL AND INSTR(p_sep || p_list || p_sep, p_sep || p_item || p_sep) > 0;
  END in_list;

  FUNCTION digits(p_text IN VARCHAR2) RETURN VARCHAR2 IS
  BEGIN
    RETURN REGEXP_REPLACE(p_text, '[^0-9]', '');
  END digits;

  FUNCTION hex(p_n IN NUMBER) RETURN VARCHAR2 IS
    l_rest NUMBER := p_n;
    l_hex  VARCHAR2(64);
  BEGIN
    LOOP
      l_hex := SUBSTR('0123456789ABCDEF', MOD(l_rest, 16) + 1, 1) || l_hex;
      l_rest := TRUNC(l_rest / 16);
      EXIT WHEN l_rest = 0;
    END LOOP;
    RETURN l_hex;
  END hex;

  FUNCTION roman(p_n IN PLS_INTEGER) RETURN VARCHAR2 IS
    TYPE t_numbers IS TABLE OF PLS_INTEGER;
    l_values  t_numbers := t_numbers(1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1);
    l_letters t_texts := t_texts('M', 'CM', 'D', 'CD', 'C', 'XC', 'L', 'XL', 'X', 'IX', 'V', 'IV', 'I');
    l_rest    PLS_INTEGER := p_n;
    l_text    VARCHAR2(100);
  BEGIN
    FOR i IN 1 .. l_values.COUNT LOOP
      WHILE l_rest >= l_values(i) LOOP
        l_text := l_text || l_letters(i);
        l_rest := l_rest - l_values(i);
      END LOOP;
    END LOOP;
    RETURN l_text;
  END roman;

  FUNCTION luhn(p_number IN VARCHAR2) RETURN BOOLEAN IS
    l_sum   PLS_INTEGER := 0;
    l_digit PLS_INTEGER;
  BEGIN
    FOR i IN 1 .. LENGTH(p_number) LOOP
      l_digit := TO_NUMBER(SUBSTR(p_number, -i, 1));
      IF MOD(i, 2) = 0 THEN
        l_digit := l_digit * 2;
        IF l_digit > 9 THEN
          l_digit := l_digit - 9;
        END IF;
      END IF;
      l_sum := l_sum + l_digit;
    END LOOP;
    RETURN MOD(l_sum, 10) = 0;
  END luhn;
END text_util;
/
CREATE OR REPLACE PACKAGE date_util AS
  FUNCTION quarter(p_date IN DATE) RETURN NUMBER;
  FUNCTION month_end(p_year IN NUMBER, p_month IN NUMBER) RETURN DATE;
  FUNCTION days_of_month(p_year IN NUMBER, p_month IN NUMBER) RETURN NUMBER;
  FUNCTION days_of_year(p_year IN NUMBER) RETURN NUMBER;
  FUNCTION is_leap(p_year IN NUMBER) RETURN BOOLEAN;
  FUNCTION lasting(p_days IN NUMBER) RETURN VARCHAR2;
  FUNCTION easter(p_year IN PLS_INTEGER) RETURN DATE;
  FUNCTION workdays(p_from IN DATE, p_to IN DATE) RETURN NUMBER;
  FUNCTION parsed(p_text IN VARCHAR2) RETURN DATE;
END date_util;
/
CREATE OR REPLACE PACKAGE BODY date_util AS
  FUNCTION quarter(p_date IN DATE) RETURN NUMBER IS
  BEGIN
    RETURN CEIL(EXTRACT(MONTH FROM p_date) / 3);
  END quarter;

  FUNCTION month_end(p_year IN NUMBER, p_month IN NUMBER) RETURN DATE IS
  BEGIN
    RETURN LAST_DAY(TO_DATE(p_year || LPAD(p_month, 2, '0') || '01', 'YYYYMMDD'));
  END month_end;

  FUNCTION days_of_month(p_year IN NUMBER, p_month IN NUMBER) RETURN NUMBER IS
  BEGIN
    RETURN TO_NUMBER(TO_CHAR(month_end(p_year, p_month), 'DD'));
  END days_of_month;

  FUNCTION days_of_year(p_year IN NUMBER) RETURN NUMBER IS
  BEGIN
    RETURN month_end(p_year, 12) - month_end(p_year - 1, 12);
  END days_of_year;

  FUNCTION is_leap(p_year IN NUMBER) RETURN BOOLEAN IS
  BEGIN
    RETURN days_of_year(p_year) = 366;
  END is_leap;

  FUNCTION lasting(p_days IN NUMBER) RETURN VARCHAR2 IS
    l_abs  NUMBER := ABS(p_days);
    l_days PLS_INTEGER := TRUNC(l_abs);
    l_rest NUMBER := (l_abs - l_days) * 24;
  BEGIN
    RETURN CASE WHEN p_days < 0 THEN '- ' END || l_days || ' d ' || TRUNC(l_rest) || ' h '
      || ROUND((l_rest - TRUNC(l_rest)) * 60) || ' min';
  END lasting;

  FUNCTION easter(p_year IN PLS_INTEGER) RETURN DATE IS
    a PLS_INTEGER := MOD(p_year, 19);
    b PLS_INTEGER := TRUNC(p_year / 100);
    c PLS_INTEGER := MOD(p_year, 100);
    d PLS_INTEGER := TRUNC(b / 4);
    e PLS_INTEGER := MOD(b, 4);
    f PLS_INTEGER := TRUNC((b + 8) / 25);
    g PLS_INTEGER := TRUNC((b - f + 1) / 3);
    h PLS_INTEGER := MOD(19 * a + b - d - g + 15, 30);
    i PLS_INTEGER := TRUNC(c / 4);
    k PLS_INTEGER := MOD(c, 4);
    l PLS_INTEGER := MOD(32 + 2 * e + 2 * i - h - k, 7);
    m PLS_INTEGER := TRUNC((a + 11 * h + 22 * l) / 451);
    n PLS_INTEGER := h + l - 7 * m + 114;
  BEGIN
    RETURN TO_DATE(p_year || '-' || TRUNC(n / 31) || '-' || (MOD(n, 31) + 1), 'YYYY-MM-DD');
  END easter;

  FUNCTION workdays(p_from IN DATE, p_to IN DATE) RETURN NUMBER IS
    l_day DATE := TRUNC(p_from);
    l_n   PLS_INTEGER := 0;
  BEGIN
    WHILE l_day <= p_to LOOP
      -- TRUNC to the ISO week gives Monday, whatever the territory.
      IF l_day - TRUNC(l_day, 'IW') < 5 THEN
        l_n := l_n + 1;
      END IF;
      l_day := l_day + 1;
    END LOOP;
    RETURN l_n;
  END workdays;

  FUNCTION parsed(p_text IN VARCHAR2) RETURN DATE IS
    TYPE t_masks IS TABLE OF VARCHAR2(30) INDEX BY PLS_INTEGER;
    l_masks t_masks;
  BEGIN
    l_masks(1) := 'DD.MM.YYYY';
    l_masks(2) := 'YYYY-MM-DD';
    FOR i IN 1 .. l_masks.COUNT LOOP
      BEGIN
        RETURN TO_DATE(p_text, l_masks(i));
      EXCEPTION
        WHEN OTHERS THEN
          NULL;
      END;
    END LOOP;
    RETURN NULL;
  END parsed;
END date_util;
/
CREATE OR REPLACE PACKAGE math_util AS
  TYPE numbers IS TABLE OF NUMBER;
  FUNCTION safe_div(p_a IN NUMBER, p_b IN NUMBER) RETURN NUMBER;
  FUNCTION gcd(p_a IN NUMBER, p_b IN NUMBER) RETURN NUMBER;
  FUNCTION fact(p_n IN PLS_INTEGER) RETURN NUMBER;
  FUNCTION fib(p_n IN PLS_INTEGER) RETURN NUMBER;
  FUNCTION within_pct(p_a IN NUMBER, p_b IN NUMBER, p_pct IN NUMBER) RETURN BOOLEAN;
  FUNCTION is_prime(p_n IN PLS_INTEGER) RETURN BOOLEAN;
  FUNCTION median(p_values IN numbers) RETURN NUMBER;
END math_util;
/
CREATE OR REPLACE PACKAGE BODY math_util AS
  FUNCTION safe_div(p_a IN NUMBER, p_b IN NUMBER) RETURN NUMBER IS
  BEGIN
    RETURN p_a / p_b;
  EXCEPTION
    WHEN ZERO_DIVIDE THEN
      RETURN 0;
  END safe_div;

  FUNCTION gcd(p_a IN NUMBER, p_b IN NUMBER) RETURN NUMBER IS
  BEGIN
    RETURN CASE p_b WHEN 0 THEN p_a ELSE gcd(p_b, MOD(p_a, p_b)) END;
  END gcd;

  FUNCTION fact(p_n IN PLS_INTEGER) RETURN NUMBER IS
  BEGIN
    IF p_n <= 1 THEN
      RETURN 1;
    END IF;
    RETURN p_n * fact(p_n - 1);
  END fact;

  FUNCTION fib(p_n IN PLS_INTEGER) RETURN NUMBER IS
    l_a NUMBER := 0;
    l_b NUMBER := 1;
    l_c NUMBER;
  BEGIN
    FOR i IN 2 .. p_n LOOP
      l_c := l_a + l_b;
      l_a := l_b;
      l_b := l_c;
    END LOOP;
    RETURN l_b;
  END fib;

  FUNCTION within_pct(p_a IN NUMBER, p_b IN NUMBER, p_pct IN NUMBER) RETURN BOOLEAN IS
    l_part NUMBER := p_b * p_pct / 100;
  BEGIN
    RETURN p_a BETWEEN p_b - l_part AND p_b + l_part;
  END within_pct;

  FUNCTION is_prime(p_n IN PLS_INTEGER) RETURN BOOLEAN IS
  BEGIN
    FOR i IN 2 .. TRUNC(SQRT(p_n)) LOOP
      IF MOD(p_n, i) = 0 THEN
        RETURN FALSE;
      END IF;
    END LOOP;
    RETURN p_n > 1;
  END is_prime;

  FUNCTION median(p_values IN numbers) RETURN NUMBER IS
    l_sorted numbers := p_values;
    l_value  NUMBER;
    j        PLS_INTEGER;
  BEGIN
    FOR i IN 2 .. l_sorted.COUNT LOOP
      l_value := l_sorted(i);
      j := i - 1;
      WHILE j > 0 LOOP
        EXIT WHEN l_sorted(j) <= l_value;
        l_sorted(j + 1) := l_sorted(j);
        j := j - 1;
      END LOOP;
      l_sorted(j + 1) := l_value;
    END LOOP;
    j := TRUNC((l_sorted.COUNT + 1) / 2);
    IF MOD(l_sorted.COUNT, 2) = 1 THEN
      RETURN l_sorted(j);
    END IF;
    RETURN (l_sorted(j) + l_sorted(j + 1)) / 2;
  END median;
END math_util;
/
