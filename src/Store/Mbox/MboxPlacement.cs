using System.Text;
using FullStack.Store.Delivery;
using FullStack.Store.Maildir;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;

namespace FullStack.Store.Mbox;

/// <summary>Appends a complete staged message to mboxes, each on its own. What a crash leaves stands at <see cref="MboxAppending"/>.</summary>
internal sealed class MboxPlacement(StoreContext store, StagedMessage message, DeliveryMark? mark) : IPlacement
{
    private const int StartOctets = 1024;

    private string _sender = "";

    /// <summary>Finds the sender, who is named by the first header field where the message was delivered.</summary>
    public Task<FileError> PrepareAsync(Mailbox first, DateTimeOffset? internalDate, bool isOnly) => store.Disk.RunAsync(() =>
    {
        byte[] start = new byte[StartOctets];
        FileError error = message.Content.ReadStart(start, out int count);
        _sender = SenderOf(start.AsSpan(0, count));
        return error;
    });

    public async Task<(FileError Error, Arrival? Arrival)> PlaceAsync(Mailbox mailbox, MessageFlags flags, DateTimeOffset internalDate)
    {
        if (mark is not null)
            internalDate = mark.Time; // The From_ line is part of what the message is known by.
        MboxFlags written = new(flags.System, flags.Keywords, IsOld: flags.System != SystemFlags.None, Uid: 0);
        MboxDraft draft = new(
            FromLine.Format(_sender, internalDate), written.Format(Encoding.ASCII.GetBytes(mark?.Key ?? store.Names.NextTemporary())),
            sink => message.Content.Give(sink));

        // Under the mailbox's lock: else it could be deleted or renamed while its file is open here.
        using (await mailbox.EnterAsync(CancellationToken.None))
        {
            if (mailbox.IsDead)
                return (FileError.NotFound, null);
            IReadOnlyList<MboxAppended> appended = [];
            FileError error = await store.Disk.RunAsync(() => MboxMailbox.Of(mailbox).Append([draft], out appended, unlessThere: mark is { MayBeThere: true }));
            if (error != FileError.None)
                return (error, null);
            mailbox.InFlight.TryAdd(appended[0].Name, 0);
            return (error, new Arrival(
                appended[0].Name, !written.IsOld, flags, appended[0].WireOctets, MaildirFileName.StoredOctets(appended[0].Name, 0), internalDate, appended[0].IsExact ? message.Structure : null));
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static string SenderOf(ReadOnlySpan<byte> start)
    {
        const string field = "Return-Path: <";
        int end = start.IndexOf((byte)'\n');
        ReadOnlySpan<byte> line = end < 0 ? [] : start[..end].TrimEnd((byte)'\r');
        return line.Length > field.Length && Ascii.EqualsIgnoreCase(line[..field.Length], field) && line[^1] == '>'
            ? Encoding.Latin1.GetString(line[field.Length..^1])
            : "";
    }
}
