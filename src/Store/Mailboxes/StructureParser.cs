using System.Buffers;
using FullStack.Mime;
using FullStack.Store.Posix;

namespace FullStack.Store.Mailboxes;

/// <summary>Finds the structures of messages by reading the messages, and remembers them in the index.</summary>
internal static class StructureParser
{
    /// <summary>Messages that one thread takes at once: so few that all processors get some of a batch, so many that it matters little what threads cost that wait for each other.</summary>
    private const int InTurn = 16;

    private const int BlockOctets = 64 * 1024;

    /// <summary>Parses messages and remembers their structures.</summary>
    /// <param name="mailbox">Where they are.</param>
    /// <param name="uids">Which.</param>
    /// <param name="make">Makes of a structure, and of its encoded form, what is wanted; called from several threads. No more of it stays in memory.</param>
    /// <param name="ct">Ends the reading.</param>
    /// <returns>What was made, in the order asked; null where a message is gone, or cannot be read, or the mailbox was unloaded.</returns>
    public static async Task<T?[]> ParseAsync<T>(Mailbox mailbox, IReadOnlyList<Uid> uids, Func<MimeMessage, byte[], T?> make, CancellationToken ct)
        where T : class
    {
        T?[] made = new T?[uids.Count];
        await Task.WhenAll(Enumerable.Range(0, (uids.Count + InTurn - 1) / InTurn).Select(turn => ParseTurnAsync(
            mailbox, uids, turn * InTurn, Math.Min(InTurn, uids.Count - (turn * InTurn)), (place, structure, encoded) => made[place] = make(structure, encoded), ct)));
        return made;
    }

    /// <summary>The structure of one message without remembering it; null where it is gone or cannot be read. Blocks.</summary>
    public static MimeMessage? Parse(Mailbox mailbox, MessageEntry entry) => Parse(mailbox, entry, new());

    private static MimeMessage? Parse(Mailbox mailbox, MessageEntry entry, MessageParser parser)
    {
        FileError error = MessageReader.OpenOctets(mailbox, entry, out IMessageOctets? octets);
        if (octets is not null)
        {
            byte[] block = ArrayPool<byte>.Shared.Rent(BlockOctets);
            using (octets)
                error = Push(octets, parser, block);
            ArrayPool<byte>.Shared.Return(block);
        }

        if (error == FileError.None)
            return parser.Complete();
        if (error != FileError.NotFound)
            mailbox.Store.Fail("reading a message", mailbox.Folder.Path, error);
        return null;
    }

    private static FileError Push(IMessageOctets octets, MessageParser parser, byte[] block)
    {
        for (long offset = 0; offset < octets.Count;)
        {
            if (octets.Read(block, offset, out int count) is not FileError.None and var error)
                return error;
            if (count == 0)
                return FileError.Failed;
            parser.Push(block.AsSpan(0, count));
            offset += count;
        }

        return FileError.None;
    }

    private static async Task ParseTurnAsync(
        Mailbox mailbox, IReadOnlyList<Uid> uids, int first, int count, Action<int, MimeMessage, byte[]> take, CancellationToken ct)
    {
        List<(Uid Uid, long WireOctets)> resized = await mailbox.Store.Disk.RunAsync(() => ParseTurn(mailbox, uids, first, count, take, ct), ct);
        ct.ThrowIfCancellationRequested();
        if (resized.Count > 0)
            await CorrectSizesAsync(mailbox, resized, ct);
    }

    /// <returns>Messages of which the index, or the name of a file of another program, tells a wrong size.</returns>
    private static List<(Uid Uid, long WireOctets)> ParseTurn(
        Mailbox mailbox, IReadOnlyList<Uid> uids, int first, int count, Action<int, MimeMessage, byte[]> take, CancellationToken ct)
    {
        List<(Uid Uid, long WireOctets)> resized = [];
        if (mailbox.Current is not { Messages: MessageList messages })
            return resized;
        List<MessageEntry> entries = new(count);
        List<int> places = new(count);
        for (int place = first; place < first + count; place++)
        {
            if (messages.Find(uids[place]) is not { } entry)
                continue;
            entries.Add(entry);
            places.Add(place);
        }

        List<(Uid Uid, byte[] Structure)> found = new(entries.Count);
        bool[] taken = new bool[entries.Count];
        MessageParser parser = new();
        mailbox.Folder.VisitSmall(entries, (i, stored) =>
        {
            parser.Restart();
            parser.Push(stored);
            Take(i, parser.Complete());
        });
        for (int i = 0; i < entries.Count && !ct.IsCancellationRequested; i++)
        {
            if (taken[i])
                continue;
            parser.Restart();
            if (Parse(mailbox, entries[i], parser) is { } structure)
                Take(i, structure);
        }

        if (mailbox.IsLoaded)
            mailbox.Index.PostStructures(mailbox.Counters.Id, found);
        return resized;

        void Take(int i, MimeMessage structure)
        {
            byte[] encoded = MimeMessageCodec.Encode(structure);
            found.Add((entries[i].Uid, encoded));
            if (structure.WireOctets != entries[i].WireOctets)
                resized.Add((entries[i].Uid, structure.WireOctets));
            take(places[i], structure, encoded);
            taken[i] = true;
        }
    }

    private static async Task CorrectSizesAsync(Mailbox mailbox, List<(Uid Uid, long WireOctets)> resized, CancellationToken ct)
    {
        using (await mailbox.EnterAsync(ct))
        {
            if (mailbox.IsLoaded && mailbox.Snapshot.Messages is var messages)
                mailbox.Replace([.. resized.Select(message => messages.Find(message.Uid)?.Sized(message.WireOctets)).OfType<MessageEntry>()]);
        }
    }
}
