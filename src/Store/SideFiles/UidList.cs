using System.Buffers;
using FullStack.Store.Index;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;

namespace FullStack.Store.SideFiles;

/// <summary>Keeps the list of UIDs beside an open mailbox up to date. Used under the mailbox lock.</summary>
/// <remarks>
/// Two bounds say which UIDs and mod-sequences may have been given out, one in the index and one here. The index's is raised
/// before ours and lowered after it, so ours is never above it, unless the index is an older one than the list.
/// </remarks>
internal sealed class UidList(Mailbox mailbox)
{
    /// <summary>The file may have so many lines more than twice its messages before it is written anew.</summary>
    private const int StaleLines = 1000;

    private readonly HashSet<uint> _changed = [];
    private FileFacts _known;
    private int _lines;
    private bool _isVoid = true;
    private bool _isOpen;
    private Owed _owed;
    private bool _isBrief;
    private bool _hasNewProperties;

    /// <summary>The file; null where the messages themselves have their UIDs.</summary>
    public UidListFile? File => mailbox.Folder.UidList;

    /// <summary>When the file that was found had been written, Unix time; null where none was found.</summary>
    public long? FoundWrittenSeconds { get; set; }

    /// <summary>Begins with a file that was closed in order and agrees with the index.</summary>
    public void Begin(UidListState state, FileFacts facts)
    {
        Forget();
        (_isVoid, _known, _lines) = (false, facts, state.Lines);
    }

    /// <summary>There is no file, or one that is to be replaced.</summary>
    /// <param name="owed">What must be there before anybody sees the mailbox.</param>
    public void Forget(Owed owed = Owed.Nothing)
    {
        _changed.Clear();
        (_isVoid, _isOpen, _owed, _isBrief, _hasNewProperties) = (true, false, owed, false, false);
    }

    /// <summary>Whether the file has to tell of messages, which the index must know before it, before anybody sees the mailbox.</summary>
    public bool OwesMessages => _owed == Owed.All;

    /// <summary>A message is new, or what the list says of it changed.</summary>
    public void Touch(Uid uid)
    {
        if (!_isVoid)
            _changed.Add(uid.Value);
    }

    /// <summary>A property of the mailbox changed.</summary>
    /// <param name="anew">Whether the index does not know any more all that the file has too much: the file has to be made anew.</param>
    public void TouchProperties(bool anew = false)
    {
        _hasNewProperties = true;
        _isVoid |= anew;
    }

    /// <summary>Whether the file lacks something.</summary>
    public bool IsBehind => File is not null && (_isVoid || _isOpen || _hasNewProperties || _changed.Count > 0);

    /// <summary>Writes down, durably, up to where numbers may be given out from now on.</summary>
    /// <exception cref="IOException">The file or the index cannot be used.</exception>
    public async Task ReserveAsync(MailboxCounters counters, uint uidNext, ulong modSeq, CancellationToken ct)
    {
        if (File is null)
            return;
        if (mailbox.IsLoaded)
        {
            await WriteAsync(counters, mailbox.Snapshot.Messages, (uidNext, modSeq, IsClosed: false), ct);
            return;
        }

        // It is being loaded: a whole new file has to wait until its messages are known.
        FileError error = _isVoid ? FileError.NotFound : await AppendAsync(counters.Id, MessageList.Empty, StateOf(counters, (uidNext, modSeq, false)), ct);
        if (error == FileError.NotFound)
            Forget(FoundWrittenSeconds is null ? Owed.Bounds : Owed.All);
        else
            Done(error, isClosed: false);
    }

    /// <summary>Writes what has to be on the disk before anybody sees the mailbox, which has these messages.</summary>
    /// <exception cref="IOException">The file or the index cannot be used.</exception>
    public async Task BeforeLoadedAsync(MailboxCounters counters, MessageList messages, CancellationToken ct)
    {
        if (File is null)
            return;
        (uint, ulong, bool IsClosed) bounds = (counters.UidReserved, counters.ModSeqReserved, IsClosed: false);
        if (_owed == Owed.All)
            await WriteAsync(counters, messages, bounds, ct);
        else if (_owed == Owed.Bounds)
            await WriteBoundsAsync(StateOf(counters, bounds), ct);
    }

    /// <summary>
    /// Makes a file that says no more than that no number is to be given out twice: a folder of another program may have a hundred thousand messages, and
    /// nobody has seen a UID of them. They follow behind.
    /// </summary>
    private async Task WriteBoundsAsync(UidListState state, CancellationToken ct)
    {
        FileError error = await mailbox.Store.Disk.RunAsync(
            () => File!.Rewrite((text, self) => (state with { Lines = 1, Self = self }).Write(text), out _known), ct);
        Done(error, isClosed: false);
        (_isVoid, _isBrief) = (true, true);
    }

    /// <summary>Writes what changed.</summary>
    /// <exception cref="IOException">The file or the index cannot be used.</exception>
    public async Task FlushAsync(MailboxCounters counters, CancellationToken ct)
    {
        if (IsBehind && (_changed.Count > 0 || _hasNewProperties || _isBrief))
            await WriteAsync(counters, mailbox.Snapshot.Messages, (counters.UidReserved, counters.ModSeqReserved, IsClosed: false), ct);
    }

    /// <summary>Writes all that the file lacks, while the mailbox stays open.</summary>
    /// <exception cref="IOException">The file or the index cannot be used.</exception>
    public async Task CatchUpAsync(MailboxCounters counters, CancellationToken ct)
    {
        if (IsBehind)
            await WriteAsync(counters, mailbox.Snapshot.Messages, (counters.UidReserved, counters.ModSeqReserved, IsClosed: false), ct);
    }

    /// <summary>Writes all, with the exact numbers, durably.</summary>
    /// <exception cref="IOException">The file or the index cannot be used.</exception>
    public async Task CloseAsync(MailboxCounters counters, CancellationToken ct)
    {
        if (IsBehind)
            await WriteAsync(counters, mailbox.Snapshot.Messages, (counters.UidNext.Value, counters.Highest.Value, IsClosed: true), ct);
    }

    private async Task WriteAsync(
        MailboxCounters counters, MessageList messages, (uint UidNext, ulong ModSeq, bool IsClosed) bounds, CancellationToken ct)
    {
        await mailbox.Index.FlushAsync(durable: false, ct);
        UidListState state = StateOf(counters, bounds);
        FileError error = FileError.NotFound;
        if (!_isVoid && _lines + _changed.Count <= 2 * messages.Count + StaleLines)
            error = await AppendAsync(counters.Id, messages, state, ct);
        if (error == FileError.NotFound) // Also where another program took or replaced the file.
            error = await RewriteAsync(counters.Id, messages, state, ct);
        Done(error, bounds.IsClosed);
    }

    private UidListState StateOf(MailboxCounters counters, (uint UidNext, ulong ModSeq, bool IsClosed) bounds)
        => new(
            counters.UidValidity.Value, bounds.UidNext, bounds.ModSeq, counters.ObjectId, _known.Identity,
            mailbox.Store.Time.GetUtcNow().ToUnixTimeSeconds(), Lines: 0, bounds.IsClosed, counters.IsFormer);

    private void Done(FileError error, bool isClosed)
    {
        _isVoid = error != FileError.None;
        if (_isVoid)
            throw new IOException($"cannot write {File!.Path}: {error}", error == FileError.NoSpace ? Errno.NoSpace : 0);
        _changed.Clear();
        (_isOpen, _owed, _isBrief, _hasNewProperties) = (!isClosed, Owed.Nothing, false, false);
    }

    private async Task<FileError> AppendAsync(long id, MessageList messages, UidListState state, CancellationToken ct)
    {
        MessageEntry[] changed = [.. _changed.Order().Select(uid => messages.Find(new(uid))).OfType<MessageEntry>()];
        SideRows rows = await ReadAsync(id, changed.Length == 0 ? null : (changed[0].Uid.Value, changed[^1].Uid.Value), _hasNewProperties, ct);
        return await mailbox.Store.Disk.RunAsync(() =>
        {
            ArrayBufferWriter<byte> text = new(256);
            int lines = _lines + rows.Write(text, changed) + 1;
            (state with { Lines = lines }).Write(text);
            FileError error = File!.Append(text.WrittenSpan, ref _known, durable: true);
            _lines = lines;
            return error;
        }, CancellationToken.None);
    }

    private async Task<FileError> RewriteAsync(long id, MessageList messages, UidListState state, CancellationToken ct)
    {
        SideRows rows = await ReadAsync(id, (1, uint.MaxValue), properties: true, ct);
        return await mailbox.Store.Disk.RunAsync(() => File!.Rewrite((text, self) =>
        {
            _lines = rows.Write(text, messages.All) + 1;
            (state with { Lines = _lines, Self = self }).Write(text);
        }, out _known), CancellationToken.None);
    }

    private async Task<SideRows> ReadAsync(long id, (uint First, uint Last)? uids, bool properties, CancellationToken ct)
        => await mailbox.Index.ReadAsync(
            index => new SideRows(
                uids is { } range ? DetailTable.LoadAll(index, id, range.First, range.Last) : [],
                properties ? PropertyTable.Load(index, id) : []),
            ct);
}

/// <summary>What a list of UIDs must say before anybody sees its mailbox.</summary>
internal enum Owed
{
    Nothing,

    /// <summary>Which numbers may have been given out.</summary>
    Bounds,

    /// <summary>All messages too: it takes the place of a list, ours or a former server's, that told of them.</summary>
    All,
}
