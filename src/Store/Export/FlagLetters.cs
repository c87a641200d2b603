using FullStack.Store.Maildir;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Export;

/// <summary>Flags as letters of a file name.</summary>
internal static class FlagLetters
{
    /// <summary>The letters that every server knows, in order: the flags, and P for a message passed on, where its file had it here.</summary>
    public static string Of(MessageEntry entry)
    {
        string letters = "";
        foreach ((char letter, bool isSet) in (ReadOnlySpan<(char, bool)>)
        [
            ('D', entry.Has(SystemFlags.Draft)), ('F', entry.Has(SystemFlags.Flagged)), ('P', MaildirFileName.Letters(entry.FileName).Contains((byte)'P')),
            ('R', entry.Has(SystemFlags.Answered)), ('S', entry.Has(SystemFlags.Seen)), ('T', entry.Has(SystemFlags.Deleted)),
        ])
        {
            if (isSet)
                letters += letter;
        }

        return letters;
    }
}
