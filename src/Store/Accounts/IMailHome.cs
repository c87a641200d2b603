using System.Diagnostics.CodeAnalysis;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using FullStack.Store.Quota;
using FullStack.Store.Takeover;

namespace FullStack.Store.Accounts;

/// <summary>
/// Where the mailboxes of one account lie: each but INBOX is an entry of one directory, so that making, renaming and
/// removing one is a rename in it. All members but those that only name things block.
/// </summary>
internal interface IMailHome
{
    /// <summary>The directory that has the mailboxes' entries.</summary>
    FilePath Path { get; }

    /// <summary>A path on the file system of the mailboxes where nothing is and nobody looks, at which one is put together or goes to be removed.</summary>
    /// <param name="purpose">What for; part of the name.</param>
    FilePath Stage(string purpose);

    /// <summary>Makes what an account has from the beginning, durably.</summary>
    FileError Make();

    /// <summary>Removes what a crash left at such paths, where nobody else does.</summary>
    void Tidy();

    /// <summary>The entry of a mailbox; empty for INBOX, null where the name does not fit.</summary>
    string? EntryOf(MailboxName name);

    /// <summary>The mailbox that an entry of the directory would be; false where it is none by its name.</summary>
    bool TryDecode(ReadOnlySpan<byte> entry, [NotNullWhen(true)] out MailboxName? name);

    FilePath Locate(string entry);

    /// <summary>Whether a mailbox lies at a path: <see cref="FileError.NotFound"/> where none does.</summary>
    FileError Find(FilePath path);

    /// <summary>Makes an empty mailbox, whole and durable but for its own name.</summary>
    FileError MakeMailbox(FilePath path);

    /// <summary>Removes a mailbox with all its messages; what is gone already is no error.</summary>
    FileError RemoveMailbox(FilePath path);

    /// <summary>What is kept beside a mailbox goes with it to another entry.</summary>
    void Carry(string from, string to);

    /// <summary>What is kept beside a mailbox that is gone, or is not there yet, is of no mailbox.</summary>
    void Forget(string entry);

    IMailboxFolder Open(string entry);

    /// <summary>Looks for what a former server left at a mailbox.</summary>
    /// <exception cref="IOException">It cannot be seen whether there is anything.</exception>
    FormerTraces FindTraces(string entry);

    /// <summary>Reads what a former server left of the account as a whole.</summary>
    /// <exception cref="IOException">A file is there and cannot be read now.</exception>
    FormerAccount ReadFormer();

    /// <summary>The file in which programs tell each other what the account keeps; null where the format has none.</summary>
    IUsageFile? UsageFile { get; }
}
