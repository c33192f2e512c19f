//! Keywords and operators as one small number a token, decided once by the lexer, so that the
//! parser compares numbers and never texts. A word that is a keyword stays a word: whether it
//! acts as one is the parser's decision.

macro_rules! toks {
    ($($word:ident)*) => {
        /// What the parser sees of a token.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        #[allow(non_camel_case_types, clippy::upper_case_acronyms, missing_docs)]
        pub enum Tok {
            // Not operators, not words.
            Eof, Trivia, Unknown, Command, Str, Num, Bind,
            DIf, DElsif, DElse, DThen, DEnd, DError, Inquiry,
            // Operators and punctuation.
            LParen, RParen, Comma, Semi, Dot, DotDot, Assign, Arrow, Eq, Lt, Gt, Le, Ge, Ne, Plus, Minus,
            Star, Slash, Power, Concat, At, Percent, LabelOpen, LabelClose, Colon, Question,
            LBracket, RBracket, LBrace, RBrace, Bar, Caret, Tilde, Bang, Amp, Other,
            // Names.
            Subst, Quoted, Ident,
            // Words that are keywords somewhere.
            $($word,)*
        }
        const WORDS: &[(&str, Tok)] = &[$((stringify!($word), Tok::$word),)*];
    };
}

toks! {
    ABSENT ACCESS ACCESSIBLE ADD ADMINISTER AFTER ALL ALTER ANALYZE AND ANY ANY_CS APPLY AS ASC ASSOCIATE AT ATTRIBUTE AUDIT
    AUTHID AUTONOMOUS_TRANSACTION BEFORE BEGIN BEGINDATA BETWEEN BITMAP BODY BOTH BREADTH BULK BULK_EXCEPTIONS
    BULK_ROWCOUNT BY BYTE CALL CASCADE CASE CAST CHAR CHARACTER CHARSET CHECK CLOSE CLUSTER COLLATE COLLECT
    COLLECTION COLUMN COLUMNS COMMENT COMMIT COMPILE COMPOUND COMPRESS CONDITIONAL CONNECT CONNECT_BY_ROOT
    CONSTANT CONSTRAINT CONSTRAINTS CONSTRUCTOR CONTENT CONTEXT CONTINUE CONTINUE_LOAD CONVERSION CREATE CROSS
    CUBE CURRENT CURSOR CYCLE DATA DATABASE DATE DAY DECLARE DEFAULT DEFERRABLE DEFERRED DELETE DENSE_RANK DEPTH
    DESC DETERMINISTIC DIMENSION DIRECTORY DISABLE DISASSOCIATE DISTINCT DOCUMENT DOMAIN DOUBLE DROP EACH
    EDITIONABLE EDITIONING ELSE ELSIF EMPTY ENABLE ENCRYPT END ENTITYESCAPING ERROR ERRORS ESCAPE EVALNAME EXCEPT
    EXCEPTION EXCEPTIONS EXCLUDE EXCLUSIVE EXECUTE EXISTS EXIT EXPLAIN EXTERNAL EXTRACT FALSE FETCH FIELDS FILTER
    FINAL FIRST FLASHBACK FOLLOWING FOLLOWS FOR FORALL FORCE FOREIGN FORMAT FOUND FROM FULL FUNCTION GENERATED
    GLOBAL GOTO GRANT GROUP GROUPING GROUPS HASH HAVING HOUR IDENTIFIED IDENTITY IF IGNORE IMMEDIATE IMMUTABLE IN
    INCLUDE INCLUDING INDEX INDEXTYPE INDICES INFILE INFINITE INITIALLY INMEMORY INNER INSERT INSTANTIABLE INSTEAD
    INTERSECT INTERVAL INTO INVISIBLE IS ISOLATION ISOPEN JAVA JOIN JSON JSON_ARRAY JSON_ARRAYAGG JSON_EQUAL
    JSON_EXISTS JSON_MERGEPATCH JSON_OBJECT JSON_OBJECTAGG JSON_QUERY JSON_SCALAR JSON_SERIALIZE JSON_TABLE
    JSON_TRANSFORM JSON_VALUE KEEP KEY KEYS LANGUAGE LAST LATERAL LEADING LEFT LIBRARY LIKE LIKE2 LIKE4 LIKEC
    LIMIT LINK LIST LOAD LOB LOCAL LOCATION LOCK LOCKED LOG LOGGING LONG LOOP MAP MATCHED MATCH_RECOGNIZE
    MATERIALIZED MEASURES MEMBER MERGE MINUS MINUTE MLE MOD MODE MODEL MODIFY MODULE MONTH MULTISET NAME NAMED NAN
    NATIONAL NATURAL NESTED NEW NEXT NO NOAUDIT NOCOPY NOCYCLE NOFORCE NONE NONEDITIONABLE NOT NOTFOUND NOVALIDATE
    NOWAIT NULL NULLS NUMBER OBJECT OF OFFSET OLD ON ONLY OPAQUE OPEN OPTION OPTIONS OR ORDER ORDERED ORDINALITY
    ORGANIZATION OUT OUTER OVER OVERFLOW OVERLAPS OVERRIDING PACKAGE PAIRS PARALLEL_ENABLE PARAMETERS PARENT
    PARTITION PASSING PERCENT PERIOD PERSISTABLE PIPE PIPELINED PIVOT PRAGMA PRECEDES PRECEDING PRECISION PRESENT
    PRIMARY PRIOR PRIVATE PROCEDURE PUBLIC PURGE QUALIFY RAISE RANGE RAW READ RECORD RECOVERABLE REF REFERENCE
    REFERENCES REFERENCING RELIES_ON REM RENAME REPEAT REPLACE RESOLVE RESPECT RESULT RESULT_CACHE RETURN
    RETURNING REVERSE REVOKE RIGHT ROLE ROLLBACK ROLLUP ROW ROWCOUNT ROWS ROWTYPE RULES SAMPLE SAVE SAVEPOINT
    SCHEMA SCN SEARCH SECOND SELECT SELF SEQUENCE SESSION SET SETS SHARE SHARED SHARING SIBLINGS SKIP SOME SOURCE
    SQL SQL_MACRO START STATIC STRICT SUBMULTISET SUBPARTITION SUBTYPE SYNONYM SYSTEM TABLE TABLESPACE TEMPORARY
    THE THEN TIES TIME TIMESTAMP TO TRAILING TRANSACTION TRANSLATE TREAT TRIGGER TRIM TRUE TRUNCATE TYPE
    UNCONDITIONAL UNDER UNION UNIQUE UNPIVOT UNRECOVERABLE UPDATE USAGE USING VALIDATE VALUE VALUES VARRAY VARYING
    VERSIONS VIEW VIRTUAL VISIBLE WAIT WELLFORMED WHEN WHERE WHILE WINDOW WITH WITHIN WITHOUT WORK WRAPPED WRAPPER
    WRITE XML XMLAGG XMLATTRIBUTES XMLCAST XMLCOLATTVAL XMLELEMENT XMLEXISTS XMLFOREST XMLNAMESPACES XMLPARSE
    XMLPI XMLQUERY XMLROOT XMLSERIALIZE XMLTABLE YEAR ZONE
}

impl Tok {
    /// A word, keyword or not, without quotes.
    pub fn is_word(self) -> bool {
        self >= Tok::Ident
    }

    /// Anything that can stand where a name is expected.
    pub fn is_name(self) -> bool {
        self >= Tok::Subst
    }

    /// Upper-case text of a keyword; empty for other tokens.
    pub fn word(self) -> &'static str {
        let at = (self as usize).wrapping_sub(Tok::Ident as usize + 1);
        WORDS.get(at).map_or("", |w| w.0)
    }
}

const SLOTS: usize = 2048;
const LONGEST: usize = 24;

/// Hash of a word that does not see case; the lexer computes it while it scans.
pub(super) const HASH_SEED: u32 = 0x811c_9dc5;

/// Adds one byte.
#[inline]
pub(super) const fn hash_step(hash: u32, byte: u8) -> u32 {
    (hash ^ (byte & 0xdf) as u32).wrapping_mul(0x0100_0193)
}

const fn slot_of(hash: u32) -> usize {
    (hash ^ (hash >> 15)) as usize & (SLOTS - 1)
}

static TABLE: [Tok; SLOTS] = build();

const fn build() -> [Tok; SLOTS] {
    let mut table = [Tok::Ident; SLOTS];
    let mut w = 0;
    while w < WORDS.len() {
        let bytes = WORDS[w].0.as_bytes();
        assert!(bytes.len() <= LONGEST);
        let mut hash = HASH_SEED;
        let mut i = 0;
        while i < bytes.len() {
            hash = hash_step(hash, bytes[i]);
            i += 1;
        }
        let mut slot = slot_of(hash);
        while table[slot] as u16 != Tok::Ident as u16 {
            slot = (slot + 1) & (SLOTS - 1);
        }
        table[slot] = WORDS[w].1;
        w += 1;
    }
    table
}

/// The keyword that `word` (any case) is, or `Tok::Ident`.
#[inline]
pub(super) fn keyword(word: &[u8], hash: u32) -> Tok {
    if word.len() > LONGEST {
        return Tok::Ident;
    }
    let mut slot = slot_of(hash);
    loop {
        let tok = TABLE[slot];
        if tok == Tok::Ident || tok.word().as_bytes().eq_ignore_ascii_case(word) {
            return tok;
        }
        slot = (slot + 1) & (SLOTS - 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(word: &str) -> Tok {
        let hash = word.bytes().fold(HASH_SEED, hash_step);
        keyword(word.as_bytes(), hash)
    }

    #[test]
    fn every_keyword_is_found_in_any_case_and_nothing_else() {
        for (text, tok) in WORDS {
            assert_eq!(find(text), *tok);
            assert_eq!(find(&text.to_lowercase()), *tok);
            assert_eq!(tok.word(), *text);
            assert_eq!(find(&format!("{text}_")), Tok::Ident);
        }
        assert_eq!(find("customer_id"), Tok::Ident);
    }
}
