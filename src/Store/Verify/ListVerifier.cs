using FullStack.Store.Index;
using FullStack.Store.Maildir;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using FullStack.Store.SideFiles;

namespace FullStack.Store.Verify;

/// <summary>Checks rule 9: a mailbox could be made anew from its folder and the list beside it, should the index be lost.</summary>
internal static class ListVerifier
{
    /// <summary>Writes what the list lacks, then reads it as one would who has nothing else. Under the mailbox lock.</summary>
    /// <exception cref="IOException">The index cannot be used.</exception>
    public static async Task VerifyAsync(Mailbox mailbox, MailboxRow? row, BreachReport report, CancellationToken ct)
    {
        if (mailbox.Folder.UidList is not { } file || row is null)
            return;
        try
        {
            await mailbox.List.CatchUpAsync(mailbox.Counters, ct);
        }
        catch (IOException e)
        {
            report.Add(9, $"the list of UIDs {file.Path} cannot be written, so that clients would download again if the index were lost: {e.Message}");
            return;
        }

        long id = row.Id;
        Dictionary<uint, MessageDetails> details = await mailbox.Index.ReadAsync(index => DetailTable.LoadAll(index, id, 1, uint.MaxValue), ct);
        await mailbox.Store.Disk.RunAsync(() => Check(mailbox, row, file, details, report), ct);
    }

    private static Nothing Check(Mailbox mailbox, MailboxRow row, UidListFile file, Dictionary<uint, MessageDetails> details, BreachReport report)
    {
        FileError read = file.Read(out UidListContent? content);
        if (content?.State is not { } state)
        {
            report.Add(9, $"the list of UIDs {file.Path} cannot be read ({read}); rebuild the mailbox");
            return default;
        }

        MailboxSnapshot now = mailbox.Snapshot;
        report.Check(9, content.Damaged == 0, $"{content.Damaged} lines of {file.Path} are damaged; rebuild the mailbox");
        report.Check(9, state.UidValidity == now.UidValidity.Value, $"{file.Path} says UIDVALIDITY {state.UidValidity}, clients are told {now.UidValidity.Value}");
        report.Check(9, state.ObjectId == row.ObjectId, $"{file.Path} is the list of another mailbox (id {state.ObjectId}, not {row.ObjectId})");
        report.Check(9, now.UidNext.Value <= state.UidNext && now.Highest.Value <= state.ModSeq,
            $"{file.Path} reserves UIDs below {state.UidNext} and mod-sequences up to {state.ModSeq}, but {now.UidNext} and {now.Highest.Value} are next: should the index be lost, one could come twice");
        report.Check(9, state.UidNext <= row.UidNext && state.ModSeq <= row.ModSeq, $"{file.Path} is ahead of the index, which may be an old one; rebuild the mailbox");
        for (int i = 0; i < now.Messages.Count; i++)
        {
            MessageEntry entry = now.Messages[i];
            bool isListed = content.TryFind(MaildirFileName.Base(entry.FileName).ToArray(), out ListedUid listed) && listed.Uid == entry.Uid.Value;
            report.Check(9, isListed, $"{file.Path} lacks UID {entry.Uid} or has another file name for it; rebuild the mailbox");
            if (isListed)
            {
                bool same = listed.Keywords.SequenceEqual(entry.Keywords) && listed.Details.IsSame(details.GetValueOrDefault(entry.Uid.Value));
                report.Check(9, same, $"{file.Path} says other keywords, annotations, ids or POP3 names of UID {entry.Uid} than the index; rebuild the mailbox");
            }
        }

        return default;
    }
}
