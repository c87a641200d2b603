using FullStack.Store.Accounts;

namespace FullStack.Imap.Commands;

/// <summary>The attributes of RFC 6154 §2 for the special uses that the store knows.</summary>
internal static class SpecialUseNames
{
    private static readonly (SpecialUse Use, string Name)[] Names =
    [
        (SpecialUse.Archive, "Archive"),
        (SpecialUse.Drafts, "Drafts"),
        (SpecialUse.Junk, "Junk"),
        (SpecialUse.Sent, "Sent"),
        (SpecialUse.Trash, "Trash"),
    ];

    /// <summary>Finds a use by its name without backslash, ASCII case ignored.</summary>
    public static bool TryParse(string name, out SpecialUse use)
    {
        use = Array.Find(Names, entry => entry.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Use;
        return use != SpecialUse.None;
    }

    /// <summary>The attribute's name without backslash; null for <see cref="SpecialUse.None"/>.</summary>
    public static string? NameOf(SpecialUse use) => Array.Find(Names, entry => entry.Use == use).Name;
}
