using System.Buffers;
using FullStack.Mime;
using FullStack.Store.Posix;

namespace FullStack.Store.Mailboxes;

/// <summary>Finds the structures of messages by reading the messages, and remembers them in the index: on as many threads as there are processors, each taking a few messages at a time.</summary>
internal static class StructureParser
{
    /// <summary>Messages that a thread takes at a time: so few that none is long done before the others, so many that a directory is seldom opened.</summary>
    private const int InTurn = 16;

    private const int MostThreads = 8;
    private const int BlockOctets = 64 * 1024;

    /// <summary>Parses messages and remembers their structures.</summary>
    /// <param name="mailbox">Where they are.</param>
    /// <param name="uids">Which.</param>
    /// <param name="make">Makes of a structure, and of its encoded form, what is wanted; called from several threads. No more of it stays in memory.</param>
    /// <param name="ct">Ends the reading.</param>
    /// <returns>What was made, in the order asked; null where a message is gone, or cannot be read, or the mailbox was unloaded.</returns>
    public static async Task<T?[]> ParseAsync<T>(Mailbox mailbox, Uid[] uids, Func<MimeMessage, byte[], T?> make, CancellationToken ct)
        where T : class
    {
        T?[] made = new T?[uids.Length];
        int taken = 0, threads = Math.Clamp(Math.Min(Environment.ProcessorCount, (uids.Length + InTurn - 1) / InTurn), 1, MostThreads);
        List<(Uid Uid, long WireOctets)>[] resized = await Task.WhenAll(Enumerable.Range(0, threads).Select(_ => mailbox.Store.Disk.RunAsync(
            () =>
            {
                List<(Uid Uid, long WireOctets)> mine = [];
                for (int first; !ct.IsCancellationRequested && (first = Interlocked.Add(ref taken, InTurn) - InTurn) < uids.Length;)
                {
                    int turn = first;
                    ParseTurn(
                        mailbox, uids.AsSpan(turn, Math.Min(InTurn, uids.Length - turn)), (place, structure, encoded) => made[turn + place] = make(structure, encoded), mine, ct);
                }

                return mine;
            }, ct)));
        ct.ThrowIfCancellationRequested();
        if (Array.Exists(resized, static mine => mine.Count > 0))
            await CorrectSizesAsync(mailbox, resized.SelectMany(static mine => mine), ct);
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

    /// <param name="mailbox">Where the messages are.</param>
    /// <param name="uids">Which.</param>
    /// <param name="take">Takes a message's place among them, its structure and that encoded.</param>
    /// <param name="resized">Takes messages of which the index, or the name of a file of another program, tells a wrong size.</param>
    /// <param name="ct">Ends the reading before the next message.</param>
    private static void ParseTurn(
        Mailbox mailbox, ReadOnlySpan<Uid> uids, Action<int, MimeMessage, byte[]> take, List<(Uid Uid, long WireOctets)> resized, CancellationToken ct)
    {
        if (mailbox.Current is not { Messages: MessageList messages })
            return;
        List<MessageEntry> entries = new(uids.Length);
        List<int> places = new(uids.Length);
        for (int place = 0; place < uids.Length; place++)
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

    private static async Task CorrectSizesAsync(Mailbox mailbox, IEnumerable<(Uid Uid, long WireOctets)> resized, CancellationToken ct)
    {
        using (await mailbox.EnterAsync(ct))
        {
            if (mailbox.IsLoaded && mailbox.Snapshot.Messages is var messages)
                mailbox.Replace([.. resized.Select(message => messages.Find(message.Uid)?.Sized(message.WireOctets)).OfType<MessageEntry>()]);
        }
    }
}
