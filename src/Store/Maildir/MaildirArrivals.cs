using System.Runtime.InteropServices;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;

namespace FullStack.Store.Maildir;

/// <summary>The files of a folder of which nothing is known yet. Their names lie in one piece of memory.</summary>
internal sealed class MaildirArrivals : IArrivals
{
    private readonly MaildirMailbox _own;
    private readonly IMaildirFiles _files;
    private readonly byte[] _names;
    private readonly Name[] _order;
    private readonly Facts[] _facts;
    private volatile bool _isBroken;

    private MaildirArrivals(MaildirMailbox own, IMaildirFiles files, byte[] names, Name[] order)
        => (_own, _files, _names, _order, _facts) = (own, files, names, order, new Facts[order.Length]);

    public int Count => _order.Length;

    public bool AreExamined => !_isBroken;

    /// <summary>Lists a folder.</summary>
    /// <param name="own">The folder.</param>
    /// <param name="files">The file system.</param>
    /// <param name="arrivals">The files; null where one has keywords, or two names.</param>
    public static FileError List(MaildirMailbox own, IMaildirFiles files, out MaildirArrivals? arrivals)
    {
        arrivals = null;
        List<byte> names = [];
        List<Name> listed = [];
        List<ulong> times = [];
        bool hasLetters = false;
        FileError error = files.List(own.Directories.New, name => Add(name, inNew: true));
        if (error == FileError.None)
            error = files.List(own.Directories.Cur, name => Add(name, inNew: false));
        if (error != FileError.None || hasLetters)
            return error;
        byte[] octets = [.. names];
        Name[] order = [.. listed];
        if (TrySort(octets, CollectionsMarshal.AsSpan(times), order))
            arrivals = new(own, files, octets, order);
        return FileError.None;

        void Add(ReadOnlySpan<byte> name, bool inNew)
        {
            if (name[0] == '.')
                return;
            hasLetters |= KeywordLetters.MaskOf(name) != 0;
            listed.Add(new(names.Count, (ushort)name.Length, inNew));
            times.Add(MaildirFileName.LeadingTime(name));
            names.AddRange(name);
        }
    }

    /// <summary>Sorts names as they arrived; false where two are of one file.</summary>
    private static bool TrySort(byte[] names, Span<ulong> times, Span<Name> order)
    {
        times.Sort(order);
        for (int start = 0, end; start < order.Length; start = end)
        {
            end = start + 1;
            while (end < order.Length && times[end] == times[start])
                end++;
            order[start..end].Sort((a, b) => BaseOf(a).SequenceCompareTo(BaseOf(b)));
            for (int i = start + 1; i < end; i++)
            {
                if (BaseOf(order[i]).SequenceEqual(BaseOf(order[i - 1])))
                    return false;
            }
        }

        return true;

        ReadOnlySpan<byte> BaseOf(Name name) => MaildirFileName.Base(name.In(names));
    }

    public void Examine(int first, int count, WireSizes known)
    {
        foreach (bool inNew in (ReadOnlySpan<bool>)[true, false])
        {
            int[] among = [.. Enumerable.Range(first, count).Where(i => _order[i].InNew == inNew)];
            if (among.Length == 0)
                continue;
            FileLook[] looks = new FileLook[among.Length];
            _files.StatEach(inNew ? _own.Directories.New : _own.Directories.Cur, i => _order[among[i]].In(_names), looks);
            for (int i = 0; i < looks.Length; i++)
                _facts[among[i]] = FactsOf(_order[among[i]], looks[i], known);
        }
    }

    private Facts FactsOf(Name name, FileLook look, WireSizes known)
    {
        FileError error = look.Error == FileError.None && !look.Facts.IsFile ? FileError.NotFound : look.Error;
        WireLength length = WireLength.Unknown;
        if (error == FileError.None)
        {
            length = FolderScan.ByName(name.In(_names), look.Facts.Octets);
            if (length.Octets < 0)
                length = known.Of(name.In(_names).ToArray());
            if (length.Octets < 0)
                error = FolderScan.Count(_files, _own.Directories.Locate(name.In(_names), name.InNew), out length);
        }

        if (error is not (FileError.None or FileError.NotFound))
            _isBroken = true;
        return error == FileError.None ? new(IsThere: true, look.Facts.Octets, FolderScan.DateOf(look.Facts), length) : default;
    }

    public MessageList Pack(Func<Uid> takeUid, ModSeq modSeq)
    {
        List<MessageChunk> chunks = new(Count / MessageList.ChunkSize + 1);
        MessageChunk.Builder builder = new(MessageList.ChunkSize);
        for (int i = 0; i < Count; i++)
        {
            Facts facts = _facts[i];
            if (!facts.IsThere)
                continue;
            ReadOnlySpan<byte> name = _order[i].In(_names);
            if (builder.Count == MessageList.ChunkSize)
                chunks.Add(builder.Build());
            Arrived message = new(
                MaildirFileName.StoredOctets(name, facts.Octets), facts.Length, facts.DateSeconds, MaildirFileName.Flags(name), _order[i].InNew);
            builder.Add(takeUid(), modSeq, message, name);
        }

        if (builder.Count > 0)
            chunks.Add(builder.Build());
        return MessageList.From([.. chunks]);
    }

    private readonly record struct Name(int Start, ushort Length, bool InNew)
    {
        public ReadOnlySpan<byte> In(byte[] names) => names.AsSpan(Start, Length);
    }

    /// <summary>What is known of a file after a look at it.</summary>
    private readonly record struct Facts(bool IsThere, long Octets, long DateSeconds, WireLength Length);
}
