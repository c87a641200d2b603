namespace FullStack.Interop;

/// <summary>What the servers are asked. Text in guillemets is sent as a literal in the charset named, UTF-8 where none is.</summary>
/// <remarks>Every key of RFC 3501 §6.4.4, and words of the corpus that lie in encoded words, encoded bodies, MIME headers, attachments.</remarks>
internal static class SearchCriteria
{
    /// <summary>Sent to both before: flags differ, some messages are gone.</summary>
    public static readonly string[] Changes =
    [
        @"STORE 1:20 +FLAGS.SILENT (\Flagged)",
        @"STORE 5,7,9 -FLAGS.SILENT (\Seen)",
        @"STORE 10:15 +FLAGS.SILENT (\Answered $Junk work)",
        @"STORE 41:43 +FLAGS.SILENT (\Draft)",
        @"STORE 30:40,50 +FLAGS.SILENT (\Deleted)",
        @"UID STORE 60:70 FLAGS.SILENT (\Answered)",
        @"UID EXPUNGE 30:40",
    ];

    public static readonly string[] Flags =
    [
        "ALL", "ANSWERED", "DELETED", "DRAFT", "FLAGGED", "SEEN", "RECENT", "NEW", "OLD",
        "UNANSWERED", "UNDELETED", "UNDRAFT", "UNFLAGGED", "UNSEEN",
        "KEYWORD $Junk", "KEYWORD WORK", "KEYWORD nothing", "UNKEYWORD $junk", "UNKEYWORD nothing",
        @"KEYWORD \Seen",
    ];

    public static readonly string[] NumbersDatesSizes =
    [
        "1", "1:5", "*", "250:*", "*:255", "999", "1:999", "999:*", "2,4,6:8", "0", "1:0",
        "UID 1:50", "UID *", "UID 1000:*", "UID 29,41", "UID 29:41", "NOT 1:200", "NOT UID 1:200",
        "BEFORE 5-Jan-2025", "ON 5-Jan-2025", "SINCE 20-Sep-2025", "ON \"05-Jan-2025\"", "BEFORE 1-Jan-1990", "SINCE 1-Jan-2100",
        "SENTBEFORE 1-Jan-2002", "SENTON 22-Aug-2002", "SENTSINCE 1-Dec-2002", "SENTBEFORE 1-Jan-1990", "SENTSINCE 1-Jan-1970",
        "NOT SENTSINCE 1-Jan-1970", "NOT SENTBEFORE 1-Jan-2100",
        "SENTON 1-Feb-2002", "SENTON 31-Feb-2002", "BEFORE 2025-01-05", "ON 5-jan-25",
        "LARGER 40000", "SMALLER 1000", "LARGER 0", "SMALLER 0", "LARGER 4294967295", "LARGER 3000 SMALLER 3500", "LARGER -1", "LARGER x",
    ];

    public static readonly string[] Addresses =
    [
        "FROM yahoo", "FROM \"Colin Nevin\"", "FROM colin_nevin@yahoo.com", "FROM «Skyttä»", "FROM «SKYTTÄ»", "FROM =?ISO-8859-1",
        "FROM \"<\"", "FROM \"\"", "FROM «全球»", "TO ilug", "TO \"\"", "TO undisclosed", "TO «;»", "TO zzzteana", "CC linux", "CC \"\"", "BCC \"\"", "BCC x",
        "FROM fool", "FROM \"@\"", "TO \"@example.com\"", "FROM \"Justin Mason\"", "FROM \"jm@\"", "FROM MISSING_DOMAIN",
    ];

    public static readonly string[] Headers =
    [
        "SUBJECT re:", "SUBJECT \"\"", "SUBJECT «打造MBA»", "SUBJECT MBA", "SUBJECT «Parhelia™»", "SUBJECT parhelia", "SUBJECT «台灣»", "SUBJECT \"[ILUG]\"",
        "SUBJECT \"  \"", "SUBJECT =?gb2312", "SUBJECT «未承諾»",
        "HEADER X-Mailer outlook", "HEADER x-mailer \"\"", "HEADER List-Id \"\"", "HEADER List-Id zzzteana", "HEADER In-Reply-To \"\"", "HEADER In-Reply-To \"<\"",
        "HEADER Message-ID \"\"", "HEADER Message-Id localhost", "HEADER Sender admin", "HEADER Reply-To \"\"", "HEADER Received \"by localhost\"", "HEADER Received \"\"",
        "HEADER Date \"0102\"", "HEADER Date \"\"", "HEADER X-Priority 1", "HEADER Content-Type multipart", "HEADER Content-Type \"\"", "HEADER Content-Type boundary",
        "HEADER Content-Transfer-Encoding base64", "HEADER Nonesuch \"\"", "HEADER Nonesuch x", "HEADER From \"\"", "HEADER To \"\"", "HEADER Subject \"\"", "HEADER Cc \"\"",
        "HEADER From yahoo", "HEADER From \"<\"", "HEADER Subject mba", "HEADER Delivered-To \"@\"", "HEADER Return-Path \"\"",
        "HEADER Received \"for <\"", "HEADER Content-Disposition \"\"", "HEADER \"\" x", "HEADER References \"\"", "HEADER MIME-Version 1.0",
    ];

    public static readonly string[] Texts =
    [
        "BODY viagra", "BODY \"\"", "TEXT \"\"", "TEXT viagra", "BODY \"unsubscribe\"", "TEXT linux", "BODY linux", "TEXT localhost", "BODY localhost",
        "TEXT \"X-Mailer\"", "BODY \"X-Mailer\"", "BODY \"Content-Type\"", "TEXT \"Content-Type: multipart\"", "BODY \"filename=\"", "BODY bytecodes", "TEXT bytecodes.png",
        "BODY iVBORw0KGgo", "BODY \"pgp signature\"", "BODY iQEVAwUB", "TEXT «Skyttä»", "BODY «素质培养»", "BODY «最新台灣»", "TEXT «打造»", "BODY «AntiVirus»",
        "BODY \"boundary\"", "BODY \"This is a multi-part\"", "TEXT \"------=_\"", "BODY \"forwarded message\"", "BODY \"=20\"", "BODY \"3D\"",
        "BODY \"click here\"", "BODY \"click  here\"", "BODY \"<html>\"", "BODY \"href\"", "BODY \"you can\"", "BODY \"zzzz no such text\"", "BODY \"&nbsp;\"", "TEXT \"by localhost with\"",
        "BODY «—»", "BODY «€»", "BODY «ÿFFFFA»", "BODY «FFFFA»", "BODY «ANYTHING…»",
    ];

    public static readonly string[] Logic =
    [
        "NOT FLAGGED", "NOT NOT FLAGGED", "OR FLAGGED ANSWERED", "OR (FLAGGED SEEN) (ANSWERED UNSEEN)", "NOT (FLAGGED SEEN)", "(FLAGGED)", "((FLAGGED) (UNSEEN))",
        "OR OR 1 2 OR 3 4", "NOT OR FLAGGED BODY linux", "OR FROM yahoo BODY viagra", "FLAGGED NOT SUBJECT re SINCE 3-Jan-2025", "OR NOT SEEN NOT TEXT the",
        "NOT SUBJECT \"\"", "NOT HEADER X-Mailer \"\"", "NOT BODY the", "UNSEEN TEXT the LARGER 2000", "SEEN 1:10 OR SUBJECT re FROM com",
        "OR", "NOT", "(FLAGGED", "FLAGGED)", "()", "NONESUCH", "FLAGGED  SEEN", "SUBJECT", "HEADER X", "",
    ];

    public static readonly string[] Charsets =
    [
        "CHARSET us-ascii SUBJECT re", "CHARSET utf-8 ALL", "CHARSET UTF-8 FROM «Ville Skyttä»", "CHARSET iso-8859-1 FROM «Skyttä»", "CHARSET iso-8859-15 BODY «€»",
        "CHARSET gb2312 SUBJECT «打造»", "CHARSET big5 SUBJECT «台灣»", "CHARSET windows-1252 SUBJECT «Parhelia™»", "CHARSET x-nonesuch SUBJECT x", "CHARSET x-nonesuch ALL",
        "CHARSET utf-8", "CHARSET",
    ];
}
