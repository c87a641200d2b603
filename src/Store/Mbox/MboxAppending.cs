using FullStack.Store.Delivery;
using FullStack.Store.Posix;

namespace FullStack.Store.Mbox;

/// <summary>A message that is to be appended to an mbox.</summary>
/// <param name="FromLine">Its From_ line.</param>
/// <param name="Fields">Its metadata fields.</param>
/// <param name="Write">Gives the octets of the message to a sink; called twice.</param>
internal sealed record MboxDraft(byte[] FromLine, byte[] Fields, Func<OctetTaker, FileError> Write);

/// <summary>A message that was appended.</summary>
/// <param name="Name">Its name.</param>
/// <param name="WireOctets">Its length on the wire.</param>
/// <param name="IsExact">Whether it reads exactly as it was given: <see cref="MboxEncoder.IsExact"/>.</param>
internal sealed record MboxAppended(byte[] Name, long WireOctets, bool IsExact);

/// <summary>Appends messages to an mbox that is locked. Blocks.</summary>
/// <remarks>
/// In this order: the intent is durable (I); the file has its new length, with NUL for what is to come (L); the messages are
/// written (W) and synced (S); the intent is struck out, durably (D): only then is it acknowledged. Since the length comes
/// first, whatever another program appends after a crash stands behind our part.
/// <list type="bullet">
/// <item>A crash before I, or after D: nothing to put right.</item>
/// <item>Between I and D: our part, or what there is of it, is taken out when the mbox is next used (<see cref="MboxRecovery"/>).</item>
/// </list>
/// A failure in between takes the length back at once.
/// </remarks>
internal sealed class MboxAppending(IMaildirFiles files, FilePath intentPath, MboxLock locked)
{
    private readonly List<MboxAppended> _appended = [];
    private readonly List<MboxMessage> _messages = [];
    private readonly List<byte> _start = [];
    private long _octets;

    /// <summary>The messages, where it went well.</summary>
    public IReadOnlyList<MboxAppended> Appended => _appended;

    /// <summary>Whether nothing is left that must be put right.</summary>
    public bool IsSettled { get; private set; } = true;

    /// <summary>Appends the messages, all or none.</summary>
    /// <param name="drafts">The messages.</param>
    /// <param name="map">The map of the file as it is, to be kept so; null where it is not known.</param>
    public FileError Run(IReadOnlyList<MboxDraft> drafts, MboxMap? map)
    {
        long offset = locked.Facts.Octets;
        FileError error = CheckBeginning();
        byte[] gap = [];
        if (error == FileError.None)
            error = ReadGap(offset, out gap);
        if (error == FileError.None)
            error = Measure(drafts, offset, gap);
        if (error == FileError.None)
            error = new AppendIntent(offset, _octets, [.. _start]).Write(files, intentPath);
        if (error != FileError.None)
        {
            // The intent may have been written and not synced: without anything behind its offset it means nothing.
            _appended.Clear();
            return error;
        }

        error = Put(drafts, offset, gap);
        if (error == FileError.None)
            error = AppendIntent.Strike(files, intentPath);
        FileFacts facts = default;
        if (error == FileError.None)
            error = files.StatOpen(locked.File, out facts);
        if (error == FileError.None)
        {
            _messages.ForEach(message => map?.Add(message));
            map?.Became(facts, offset + _octets);
            return error;
        }

        TakeBack(offset);
        if (map is not null && files.StatOpen(locked.File, out facts) == FileError.None && IsSettled)
            map.Became(facts, offset);
        _appended.Clear();
        return error;
    }

    /// <summary>The name that a draft would have.</summary>
    public static FileError NameOf(MboxDraft draft, out byte[] name)
    {
        MboxMessage? found = null;
        using MboxScanner scanner = new(0, static _ => false, message => found = message);
        FileError error = Encode(draft, scanner.Push, out _);
        scanner.Complete();
        name = error == FileError.None ? found!.Token.ToName(1) : [];
        return error;
    }

    /// <summary>Whether the file begins as an mbox does: <see cref="FileError.NotSupported"/> where not.</summary>
    private FileError CheckBeginning()
    {
        Span<byte> first = stackalloc byte[64];
        FileError error = files.Read(locked.File, first, 0, out int count);
        ReadOnlySpan<byte> text = first[..count].TrimStart("\r\n"u8);
        return error != FileError.None || text.IsEmpty || text.StartsWith(FromLine.Prefix) ? error : FileError.NotSupported;
    }

    /// <summary>The line ends that are missing between the last message and the next From_ line.</summary>
    private FileError ReadGap(long offset, out byte[] gap)
    {
        Span<byte> last = stackalloc byte[3];
        long from = Math.Max(0, offset - last.Length);
        FileError error = files.Read(locked.File, last[..(int)(offset - from)], from, out int count);
        ReadOnlySpan<byte> end = last[..count];
        gap = end.IsEmpty || end.EndsWith("\n\n"u8) || end.EndsWith("\n\r\n"u8) ? [] : end[^1] == '\n' ? [(byte)'\n'] : "\n\n"u8.ToArray();
        return error;
    }

    private FileError Measure(IReadOnlyList<MboxDraft> drafts, long offset, byte[] gap)
    {
        _octets = gap.Length;
        _start.AddRange(gap);
        foreach (MboxDraft draft in drafts)
        {
            using MboxScanner scanner = new(offset + _octets, static _ => false, _messages.Add);
            FileError error = Encode(draft, octets =>
            {
                if (_start.Count < AppendIntent.MaxStart)
                    _start.AddRange(octets[..Math.Min(octets.Length, AppendIntent.MaxStart - _start.Count)]);
                scanner.Push(octets);
            }, out MboxEncoder encoder);
            if (error != FileError.None)
                return error;
            scanner.Complete();
            _octets += encoder.Octets;
            _appended.Add(new(_messages[^1].Token.ToName(1), encoder.WireOctets, encoder.IsExact));
        }

        return FileError.None;
    }

    private FileError Put(IReadOnlyList<MboxDraft> drafts, long offset, byte[] gap)
    {
        FileError error = files.SetLength(locked.File, offset + _octets);
        if (error != FileError.None)
            return error;
        using (FileWriter writer = new(files, locked.File, offset))
        {
            writer.Write(gap);
            foreach (MboxDraft draft in drafts)
            {
                error = Encode(draft, writer.Write, out _);
                if (error != FileError.None)
                    return error;
            }

            error = writer.Flush();
            if (error == FileError.None && writer.Position != offset + _octets)
                error = FileError.Failed; // A message that is copied was changed by another program between the two looks.
        }

        return error == FileError.None ? files.Sync(locked.File) : error;
    }

    private static FileError Encode(MboxDraft draft, OctetTaker sink, out MboxEncoder encoder)
    {
        MboxEncoder encoding = encoder = new(draft.FromLine, draft.Fields, sink);
        FileError error = draft.Write(encoding.Push);
        if (error == FileError.None)
            encoding.Complete();
        return error;
    }

    private void TakeBack(long offset)
    {
        FileError error = files.SetLength(locked.File, offset);
        if (error == FileError.None)
            error = files.Sync(locked.File);
        if (error == FileError.None)
            error = AppendIntent.Strike(files, intentPath);
        IsSettled = error == FileError.None;
    }
}
