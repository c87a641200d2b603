using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Mbox;

/// <summary>
/// One mbox and what is known of it. All members but <see cref="Gate"/> are used under the gate, and block; each takes the
/// file's locks for as long as it needs them, so that what is known is never older than what it does.
/// </summary>
/// <remarks>
/// How changes by others are found: by the file's length, modification time and inode. Where they are the same nothing is
/// read. Where the file was watched, has grown and the last known message is still where it was, only what follows is read.
/// Else all is: while nobody watched, flags may have been changed in place before what was appended.
/// A program that changes flags in place in the same moment in which the file grows is found out at the next look at all.
/// <para>
/// What a crash leaves of a rewriting stands at <see cref="MboxReplacement"/>, of an appending at <see cref="MboxAppending"/>.
/// Flags that are changed in place: each is the old one or the new one, for no line end moves.
/// </para>
/// </remarks>
internal sealed class MboxFile(StoreContext store, MboxSide side, FilePath path)
{
    private bool _isSettled;
    private bool _tailOnly;
    private bool _isDoubtful; // the map is of a time since when nobody watched: only a file that is the same down to its time confirms it

    /// <summary>Held by whoever uses the file in this process.</summary>
    public Lock Gate { get; } = new();

    public FilePath Path { get; private set; } = path;

    /// <summary>The place of what is kept beside it.</summary>
    public MboxSide Side { get; private set; } = side;

    /// <summary>What is known; null where nothing is yet.</summary>
    public MboxMap? Map { get; private set; }

    /// <summary>Counts how often something was found that other programs did.</summary>
    public int Findings { get; private set; }

    /// <summary>Brings <see cref="Map"/> up to date.</summary>
    /// <param name="all">Whether messages are looked at again that were passed over when the file had only grown.</param>
    public FileError Refresh(bool all)
    {
        FileError error = Settle();
        if (error == FileError.None)
            error = store.Files.Stat(Path, out FileFacts facts) is var found and not FileError.None ? found
                : !facts.IsFile ? FileError.NotFound
                : IsCurrent(facts, all) ? FileError.None
                : Reread(all);
        return error;
    }

    /// <summary>Runs a change with the file locked and known.</summary>
    /// <param name="change">The change.</param>
    /// <param name="evenIfFull">Also where there is no room for a lock file.</param>
    public FileError Change(Func<MboxLock, MboxMap, FileError> change, bool evenIfFull = false)
    {
        FileError error = Settle();
        if (error == FileError.None)
            error = MboxLock.Take(store, Path, exclusive: true, out MboxLock? taken, evenIfFull) is var locked and not FileError.None ? locked : Run(taken!);
        return error;

        FileError Run(MboxLock taken)
        {
            using (taken)
            {
                FileError known = Reread(taken, all: false);
                return known == FileError.None ? change(taken, Map!) : known;
            }
        }
    }

    /// <summary>Appends messages, all or none: durable on success.</summary>
    /// <param name="drafts">The messages.</param>
    /// <param name="appended">What became of them, in order.</param>
    public FileError Append(IReadOnlyList<MboxDraft> drafts, out IReadOnlyList<MboxAppended> appended)
    {
        appended = [];
        FileError error = MakeSide();
        if (error == FileError.None)
            error = Settle();
        if (error == FileError.None)
            error = MboxLock.Take(store, Path, exclusive: true, out MboxLock? taken) is var locked and not FileError.None ? locked : Run(taken!, out appended);
        return error;

        FileError Run(MboxLock taken, out IReadOnlyList<MboxAppended> done)
        {
            using (taken)
            {
                MboxAppending appending = new(store.Files, Side.Intent, taken);
                FileError result = appending.Run(drafts, Map is { } map && map.Facts == taken.Facts ? map : null);
                done = appending.Appended;
                _isSettled = appending.IsSettled;
                if (result == FileError.NotSupported)
                    StoreLog.NoMbox(store.Log, Path.ToString());
                return result;
            }
        }
    }

    /// <summary>Takes out messages that were appended a moment ago. Where they are the last ones the file loses its end, for which a full disk has room.</summary>
    public FileError TakeBack(Func<MboxSpan, bool> goes)
    {
        FileError error = Settle();
        if (error == FileError.None)
            error = MboxLock.Take(store, Path, exclusive: true, out MboxLock? taken, evenIfFull: true) is var locked and not FileError.None ? locked : Run(taken!);
        return error == FileError.NotFound ? FileError.None : error;

        FileError Run(MboxLock taken)
        {
            using (taken)
            {
                FileError known = Reread(taken, all: false);
                if (known != FileError.None)
                    return known;
                int first = Map!.Spans.Count;
                while (first > 0 && !Map.Spans[first - 1].IsInternal && goes(Map.Spans[first - 1]))
                    first--;
                bool isOnlyEnd = !Map.Spans.Take(first).Any(span => !span.IsInternal && goes(span));
                return isOnlyEnd && Map.Facts.Octets == taken.Facts.Octets ? Cut(taken, first) : Rewrite(
                    new MboxRewriter(store.Files, Path, taken, Map) { Goes = goes, FlagsOf = static span => new(span.Flags, span.Keywords, span.IsOld, span.Uid) }, out _);
            }
        }
    }

    /// <summary>Cuts the file off before a message.</summary>
    private FileError Cut(MboxLock taken, int first)
    {
        if (first == Map!.Spans.Count)
            return FileError.None;
        long offset = Map.Spans[first].Offset;
        FileError error = store.Files.SetLength(taken.File, offset);
        if (error == FileError.None)
            error = store.Files.Sync(taken.File);
        if (error != FileError.None || store.Files.StatOpen(taken.File, out FileFacts facts) != FileError.None)
            return error;
        Map.RemoveFrom(first);
        Map.Became(facts, offset);
        return error;
    }

    /// <summary>Whether a message is there that a draft would become.</summary>
    /// <returns><see cref="FileError.NotFound"/> where it is not.</returns>
    public FileError Holds(MboxDraft draft)
    {
        FileError error = MboxAppending.NameOf(draft, out byte[] name);
        if (error == FileError.None)
            error = Refresh(all: true);
        return error != FileError.None ? error : Map!.Find(name) is null ? FileError.NotFound : FileError.None;
    }

    /// <summary>Opens a message by its name.</summary>
    public FileError Open(byte[] name, out MboxOctets? octets)
    {
        octets = null;
        FileError error = Refresh(all: false);
        if (error != FileError.None)
            return error;
        if (Map!.Find(name) is not { } span)
            return FileError.NotFound;
        error = store.Files.OpenRead(Path, out SafeFileHandle? file, out FileFacts facts);
        if (error != FileError.None)
            return error;
        if (MboxHead.Read(store.Files, file!, span) is { } message)
            octets = new(store.Files, file!, facts, span, message);
        else
            file!.Dispose();
        return octets is null ? FileError.Failed : FileError.None;
    }

    /// <summary>The sender in a message's From_ line; empty where there is none to be read.</summary>
    public string SenderOf(byte[] name)
    {
        if (Map?.Find(name) is not { } span || store.Files.OpenRead(Path, out SafeFileHandle? file, out _) != FileError.None)
            return "";
        using (file)
        {
            byte[] line = new byte[FromLine.MaxOctets];
            return store.Files.Read(file!, line, span.Offset, out int count) == FileError.None ? FromLine.SenderOf(line.AsSpan(0, count)) : "";
        }
    }

    /// <summary>Writes the file anew.</summary>
    /// <param name="isReplaced">Whether the new file has its place; only its name may not be durable yet.</param>
    public FileError Rewrite(MboxRewriter rewriter, out bool isReplaced)
    {
        FileError error = rewriter.Run(out MboxMap? rewritten);
        isReplaced = rewritten is not null;
        if (rewritten is null)
            return error;
        Map = rewritten;
        return store.Files.SyncDirectory(Path.Directory);
    }

    /// <summary>The file has another name now.</summary>
    public void Move(FilePath path, MboxSide side) => (Path, Side) = (path, side);

    /// <summary>Makes the place of what is kept beside it.</summary>
    public FileError MakeSide()
    {
        FileError made = store.Files.MakeDirectory(Side.Directory);
        return made == FileError.None ? store.Files.SyncDirectory(Side.Directory.Directory) : made == FileError.Exists ? FileError.None : made;
    }

    /// <summary>Takes what was known when the mbox was closed; where the file is another now, reading it will find out.</summary>
    public void Remember()
    {
        if (Map is null && MboxMapFile.Read(store.Files, Side.Map) is { } map)
            (Map, _isDoubtful) = (map, true);
    }

    /// <summary>Writes down what is known, for nobody watches from now on. It may be lost; then the file is read.</summary>
    public void WriteDown()
    {
        if (Map is not null && !_tailOnly)
            MboxMapFile.Write(store, Side.Map, Map);
        _isDoubtful = true;
    }

    /// <summary>Puts right what a crash, or a failing disk, left of an appending or of a rewriting.</summary>
    public FileError Settle()
    {
        if (_isSettled)
            return FileError.None;
        FilePath intentPath = Side.Intent;
        FileError error = AppendIntent.Read(store.Files, intentPath, out AppendIntent? intent);
        bool left = store.Files.Stat(MboxReplacement.TemporaryOf(Path), out _) == FileError.None;
        if (error == FileError.None && (intent is not null || left))
        {
            error = MboxLock.Take(store, Path, exclusive: true, out MboxLock? taken, evenIfFull: true);
            if (error == FileError.NotFound)
                return error;
            using (taken)
            {
                if (error == FileError.None && left)
                    store.Files.Unlink(MboxReplacement.TemporaryOf(Path));
                if (error == FileError.None && intent is not null)
                    error = new MboxRecovery(store, Path, taken!).Undo(intent);
                if (error == FileError.None && intent is not null)
                    error = AppendIntent.Strike(store.Files, intentPath);
            }
        }

        _isSettled = error == FileError.None;
        return error;
    }

    private FileError Reread(bool all)
    {
        FileError error = MboxLock.Take(store, Path, exclusive: false, out MboxLock? taken);
        if (error != FileError.None)
            return error;
        using (taken)
            return Reread(taken!, all);
    }

    private FileError Reread(MboxLock taken, bool all)
    {
        if (IsCurrent(taken.Facts, all))
            return FileError.None;
        Findings++;
        if (!all && !_isDoubtful && Map is not null && MboxScan.TryTail(store.Files, taken.File, taken.Facts, Map, out FileError error))
        {
            _tailOnly = true;
            return error;
        }

        MboxMap? map = MboxScan.Whole(store.Files, taken.File, taken.Facts, out error);
        if (error == FileError.NotSupported)
        {
            StoreLog.NoMbox(store.Log, Path.ToString());
            return FileError.Failed;
        }

        if (map is not null)
            (Map, _tailOnly, _isDoubtful) = (map, false, false);
        return error;
    }

    /// <summary>Whether the map is that of the file as it is now.</summary>
    private bool IsCurrent(FileFacts facts, bool all)
    {
        bool isSame = Map is not null && facts == Map.Facts;
        _isDoubtful &= !isSame;
        return isSame && !(all && _tailOnly);
    }
}
