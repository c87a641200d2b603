using System.Buffers;
using FullStack.Smtp;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Mailboxes;
using Microsoft.Extensions.Logging;

namespace FullStack.Queue.Delivery;

/// <summary>Whose copy of which message.</summary>
internal sealed record SentCopy(QueueId Id, Envelope Envelope, AccountName Account);

/// <summary>One message on its way in, and on its way into its sender's mailbox for sent mail.</summary>
/// <remarks>
/// The copy is kept after the message was taken on, and before that is acknowledged: who hears 250 finds it, and a crash between the two leaves a message that is sent and
/// not among the sent ones. Nothing that happens to the copy happens to the message. The copy has the fields that recipients do not see, which are known once the
/// header has come: its beginning waits for them in memory.
/// </remarks>
internal sealed class SentCopyIntake(IMessageIntake intake, SentCopy copy, MailStore store, ILogger log) : IMessageIntake
{
    /// <summary>How much waits; of a longer header the copy lacks these fields.</summary>
    private const int MaxWaitingOctets = 64 * 1024;

    private StagedMessage? _staged = copy.Envelope.Body == BodyType.BinaryMime ? store.StageVerbatim() : store.Stage();
    private ArrayBufferWriter<byte>? _waiting = new();

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken ct)
    {
        await intake.WriteAsync(octets, ct);
        if (_waiting is not null && _waiting.WrittenCount + octets.Length <= MaxWaitingOctets)
        {
            _waiting.Write(octets.Span);
            return;
        }

        await TryAsync(async staged =>
        {
            await ReleaseAsync(staged, ct);
            await staged.WriteAsync(octets, ct);
        });
    }

    public async ValueTask<IReadOnlyList<DeliveryStatus>> CommitAsync(CancellationToken ct)
    {
        IReadOnlyList<DeliveryStatus> statuses = await intake.CommitAsync(ct);
        if (statuses.Any(static status => status.IsSuccess))
            await TryAsync(KeepAsync);
        return statuses;
    }

    public async ValueTask DisposeAsync()
    {
        await intake.DisposeAsync();
        if (_staged is not null)
            await _staged.DisposeAsync();
    }

    private async Task KeepAsync(StagedMessage staged)
    {
        await ReleaseAsync(staged, CancellationToken.None);
        await staged.CompleteAsync(CancellationToken.None);
        await using StagedMessage? converted = staged.IsVerbatim ? await ConvertAsync(staged) : null;
        if (staged.IsVerbatim && converted is null)
        {
            QueueLog.SentCopyFailed(log, copy.Id, copy.Account, "it cannot be converted for a mailbox");
            return;
        }

        Result<Nothing> kept = await store.KeepAsync(converted ?? staged, copy.Account, SpecialUse.Sent, new(SystemFlags.Seen, []), CancellationToken.None);
        if (kept.Ok)
            QueueLog.SentCopyKept(log, copy.Id, copy.Account);
        else
            QueueLog.SentCopyFailed(log, copy.Id, copy.Account, kept.Error.ToString());
    }

    private async Task<StagedMessage?> ConvertAsync(StagedMessage staged)
    {
        await using MessageContent content = staged.Open();
        return await new MailboxCopy(store, content, skip: 0, copy.Envelope.Body).MakeAsync(default, CancellationToken.None);
    }

    private async Task ReleaseAsync(StagedMessage staged, CancellationToken ct)
    {
        if (_waiting is not { } waiting)
            return;
        _waiting = null;
        await staged.WriteAsync(copy.Envelope.HiddenFields, ct);
        await staged.WriteAsync(waiting.WrittenMemory, ct);
    }

    private async Task TryAsync(Func<StagedMessage, Task> step)
    {
        if (_staged is null)
            return;
        try
        {
            await step(_staged);
        }
        catch (Exception e) when (e is not OperationCanceledException) // The message is taken on, or will be, whatever becomes of the copy.
        {
            QueueLog.SentCopyFailed(log, copy.Id, copy.Account, e.Message);
            if (e is not IOException)
                QueueLog.TaskFailed(log, e);
            await _staged.DisposeAsync();
            _staged = null;
        }
    }
}
