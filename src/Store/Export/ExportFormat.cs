namespace FullStack.Store.Export;

/// <summary>For whom a tree is written.</summary>
public enum ExportFormat
{
    /// <summary>Courier 5: folder names in UTF-8, its lists of UIDs, keywords, POP3 names, subscriptions and access lists.</summary>
    Courier,

    /// <summary>Dovecot 2: folder names in modified UTF-7, its lists, keywords as letters of file names.</summary>
    Dovecot,

    /// <summary>Any reader of Maildir++: messages, folders and flags.</summary>
    Maildir,
}
