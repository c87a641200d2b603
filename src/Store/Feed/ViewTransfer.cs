using FullStack.Store.Accounts;
using FullStack.Store.Annotations;
using FullStack.Store.Delivery;
using FullStack.Store.Identity;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Feed;

/// <summary>COPY and MOVE from a view: the messages with all that belongs to them, within an account and to another's.</summary>
/// <param name="account">The account of the mailbox.</param>
/// <param name="mailbox">Where the messages are.</param>
/// <param name="user">Whose private annotations go along.</param>
internal sealed class ViewTransfer(Account account, Mailbox mailbox, AccountName user)
{
    /// <summary>Copies messages, all or none.</summary>
    public ValueTask<Result<CopyOutcome>> CopyAsync(UidSet uids, TransferTarget target, CancellationToken ct)
        => TransferAsync(uids, target, isCopy: true, () => mailbox.Store.Format.Transfer(mailbox, target).CopyAsync(uids, ct), ct);

    /// <summary>Moves messages.</summary>
    public ValueTask<Result<CopyOutcome>> MoveAsync(UidSet uids, TransferTarget target, CancellationToken ct)
        => ReferenceEquals(target.Account, account)
            ? TransferAsync(uids, target, isCopy: false, () => mailbox.Store.Format.Transfer(mailbox, target).MoveAsync(uids, ct), ct)
            : MoveAwayAsync(uids, target, ct);

    private async ValueTask<Result<CopyOutcome>> TransferAsync(
        UidSet uids, TransferTarget target, bool isCopy, Func<Task<Result<CopyOutcome>>> transfer, CancellationToken ct)
        => await account.GuardAsync(async () =>
        {
            Result<CopyOutcome> outcome = await IdentityTransfer.RunAsync(mailbox, target, uids, transfer, ct);
            if (!isCopy || !outcome.Ok || outcome.Value.Target.Count == 0)
                return outcome;
            try
            {
                if (await AnnotationTransfer.CopyAsync(mailbox, Keys(account), target, Keys(target.Account), outcome.Value))
                    return outcome;
                await Withdrawal.RunAsync(target, outcome.Value.UidValidity, outcome.Value.Target);
                return StoreError.OverQuota; // a copy without its annotations is none (RFC 5257 §4.6: MUST)
            }
            catch (IOException)
            {
                await Withdrawal.RunAsync(target, outcome.Value.UidValidity, outcome.Value.Target);
                throw;
            }
        });

    /// <summary>The other account has to have room first, and has the messages for good before they go here.</summary>
    private async ValueTask<Result<CopyOutcome>> MoveAwayAsync(UidSet uids, TransferTarget target, CancellationToken ct)
    {
        Result<CopyOutcome> copied = await CopyAsync(uids, target, ct);
        if (!copied.Ok || copied.Value.Source.Count == 0)
            return copied;
        Result<UidSet> removed = await account.GuardAsync(() => Expunger.ExpungeAsync(mailbox, UidSet.Of([.. copied.Value.Source]), onlyDeleted: false, CancellationToken.None));
        if (removed.Ok)
            return copied;

        // Who is told that nothing was moved shall not find copies; but of what is gone here, the copy is all there is.
        List<Uid> left = [];
        for (int i = 0; i < copied.Value.Source.Count; i++)
        {
            if (mailbox.Current?.Messages.Find(copied.Value.Source[i]) is not null)
                left.Add(copied.Value.Target[i]);
        }

        return await target.Account.GuardAsync<CopyOutcome>(async () =>
        {
            await Withdrawal.RunAsync(target, copied.Value.UidValidity, left);
            return removed.Error;
        });
    }

    private AnnotationKeys Keys(Account of) => new(of.Name, user);
}
