using FullStack.Queue.Programs;
using FullStack.Queue.Spool;
using FullStack.Smtp;
using FullStack.Store;
using FullStack.Store.Mailboxes;
using FullStack.Store.Mbox;
using FullStack.Store.Outside;

namespace FullStack.Queue.Schedule;

/// <summary>One attempt to give a queued message to programs and files, or to let it go on as other messages.</summary>
internal static class ActionAttempt
{
    private const int PieceOctets = 64 * 1024;
    private const string Relay = "program";

    private static readonly DeliveryStatus s_gone = new(550, new(5, 3, 5), "What was to be done with the message is not known any more");
    private static readonly DeliveryStatus s_noUser = new(451, new(4, 3, 5), "No user is configured as whom files are written here");
    private static readonly DeliveryStatus s_mayNot = new(451, new(4, 2, 0), "That file or folder may not be written");
    private static readonly DeliveryStatus s_noFolder = new(451, new(4, 2, 0), "The folder of that file is not there");

    /// <summary>Does what the recipients' rows say, one after the other.</summary>
    /// <exception cref="IOException">The message cannot be read.</exception>
    public static async Task<List<TriedRecipient>> RunAsync(
        AttemptParts parts, QueuedMessage message, MessageContent content, IReadOnlyList<QueuedRecipient> recipients, CancellationToken ct)
    {
        List<TriedRecipient> tried = [];
        foreach (QueuedRecipient recipient in recipients)
        {
            if (recipient.Copy is { } copy)
            {
                tried.Add(await new CopyAttempt(parts, message, content).RunAsync(recipient, copy, ct));
                continue;
            }

            if (recipient.Action is not { } action)
            {
                tried.Add(new(recipient, s_gone, Relay));
                continue;
            }

            (DeliveryStatus status, bool isLast) = action.Command is not null
                ? await RunProgramAsync(parts, action, message, content, ct)
                : (await WriteFileAsync(parts, action, message, content), false);
            bool goesOn = status.IsSuccess && !isLast && action.Next is not null;
            tried.Add(new(recipient, status, Relay) { IsFinal = true, Then = goesOn ? action.Next : null });
        }

        return tried;
    }

    private static Task<(DeliveryStatus Status, bool IsLast)> RunProgramAsync(
        AttemptParts parts, LocalAction action, QueuedMessage message, MessageContent content, CancellationToken ct)
    {
        ReversePath sender = message.Envelope.Sender;
        byte[] fromLine = FromLine.Format(sender.Address?.ToString() ?? "", message.Arrived);
        return new ProgramRun(parts.Programs(), parts.Time).RunAsync(
            action, ProgramEnvironment.Of(action, sender, message.Id, message.Arrived), async (input, token) =>
            {
                await input.WriteAsync(fromLine, token);
                byte[] piece = new byte[PieceOctets];
                int read;
                for (long offset = 0; (read = await content.ReadAsync(piece, offset, token)) > 0; offset += read)
                    await input.WriteAsync(piece.AsMemory(0, read), token);
            }, ct);
    }

    private static async Task<DeliveryStatus> WriteFileAsync(AttemptParts parts, LocalAction action, QueuedMessage message, MessageContent content)
    {
        if ((action.Owner ?? parts.Programs().User) is not { } owner)
            return s_noUser;
        OutsideFile file = new(action.File!, message.Envelope.Sender.Address?.ToString() ?? "", message.Arrived, owner);
        Result<Nothing> result = await parts.Store.DeliverOutsideAsync(content, 0, file);
        return result.Error switch
        {
            StoreError.NotFound => s_noFolder,
            StoreError.NotPermitted => s_mayNot,
            _ => Delivery.StoreOutcome.StatusOf(result.Error, parts.Over()),
        };
    }
}
