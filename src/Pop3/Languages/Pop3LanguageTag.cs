namespace FullStack.Pop3.Languages;

/// <summary>A language that the administrator can prefer.</summary>
public enum Pop3LanguageTag
{
    /// <summary>English.</summary>
    En,

    /// <summary>German.</summary>
    De,
}
