namespace FullStack.Store.Import;

/// <summary>Whose lists of a Maildir are believed.</summary>
public enum ImportFormat
{
    /// <summary>Of the server that changed its list of UIDs last.</summary>
    Auto,

    /// <summary>Courier's alone.</summary>
    Courier,

    /// <summary>Dovecot's alone.</summary>
    Dovecot,

    /// <summary>Nobody's: messages, folders and flags, and new UIDs.</summary>
    Maildir,
}
