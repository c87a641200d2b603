using FullStack.Store.Accounts;
using FullStack.Store.Index;
using FullStack.Store.Mailboxes;
using FullStack.Store.SideFiles;

namespace FullStack.Store.Verify;

/// <summary>Makes what the index knows of mailboxes anew, from their folders and the lists beside them.</summary>
public static class MailboxRebuilder
{
    /// <summary>Rebuilds one mailbox. Sessions that have it selected lose it.</summary>
    /// <param name="account">The account.</param>
    /// <param name="name">The mailbox.</param>
    /// <param name="afterRestore">
    /// Whether the store came from a backup or a snapshot: then UIDs go on at a distance that no message reached since.
    /// </param>
    /// <returns>What the mailbox is then.</returns>
    public static ValueTask<Result<MailboxStatus>> RebuildAsync(Account account, MailboxName name, bool afterRestore, CancellationToken ct)
        => account.GuardAsync<MailboxStatus>(async () =>
        {
            Result<Mailbox> found = await account.Mailboxes.FindAsync(name, ct);
            if (!found.Ok)
                return found.Error;
            long id = await PutDownAsync(account, found.Value, afterRestore);
            if (found.Value.Folder.UidList is not null)
                await account.Index.CommitAsync(index => MailboxTable.Await(index, id), CancellationToken.None);
            account.Catalog.Forget();
            return await account.StatusAsync(name, CancellationToken.None);
        });

    /// <summary>Writes all that the index knows and the files do not beside the folder, and closes the mailbox.</summary>
    private static async Task<long> PutDownAsync(Account account, Mailbox mailbox, bool afterRestore)
    {
        long id;
        using (await mailbox.EnterAsync(CancellationToken.None))
        {
            if (!mailbox.IsLoaded)
                throw new IOException($"the mailbox {mailbox.Location.Name} was closed meanwhile");
            id = mailbox.Counters.Id;
            if (afterRestore)
            {
                DateTimeOffset now = mailbox.Store.Time.GetUtcNow();
                (ulong uids, ulong modSeqs) = UidListAdoption.GapSince(now, mailbox.List.FoundWrittenSeconds ?? now.AddYears(-1).ToUnixTimeSeconds());
                mailbox.Counters.Skip(uids, modSeqs);
            }

            mailbox.List.Forget();
            await mailbox.Counters.CloseAsync(mailbox.Index);
            mailbox.Kill();
        }

        account.Mailboxes.Drop(mailbox);
        mailbox.Announce();
        return id;
    }
}
