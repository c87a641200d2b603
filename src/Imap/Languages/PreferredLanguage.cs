namespace FullStack.Imap.Languages;

/// <summary>A language that the administrator can prefer.</summary>
public enum PreferredLanguage
{
    /// <summary>English.</summary>
    En,

    /// <summary>German.</summary>
    De,
}
