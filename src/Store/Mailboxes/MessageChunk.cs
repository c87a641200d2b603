using FullStack.Store.Maildir;

namespace FullStack.Store.Mailboxes;

/// <summary>
/// Some messages that follow each other, packed: an open mailbox of a hundred thousand messages is to cost its memory, not
/// that of a hundred thousand objects. Immutable; chunks made from one another share the names.
/// </summary>
internal sealed class MessageChunk
{
    private readonly PackedMessage[] _messages;
    private readonly byte[] _names;
    private readonly IReadOnlyList<string>[] _keywords;

    /// <summary>A chunk of these parts, which nobody changes any more.</summary>
    /// <param name="messages">The messages, at least one, in order.</param>
    /// <param name="names">Their names, one behind the other.</param>
    /// <param name="keywords">Their lists of keywords, the first of them empty.</param>
    public MessageChunk(PackedMessage[] messages, byte[] names, IReadOnlyList<string>[] keywords)
    {
        (_messages, _names, _keywords) = (messages, names, keywords);
        CommonFlags = messages[0].Flags;
        foreach (ref readonly PackedMessage message in messages.AsSpan())
        {
            AnyFlags |= message.Flags;
            CommonFlags &= message.Flags;
        }
    }

    public ReadOnlySpan<PackedMessage> Messages => _messages;

    public ReadOnlySpan<byte> Names => _names;

    public ReadOnlySpan<IReadOnlyList<string>> KeywordLists => _keywords;

    public int Count => _messages.Length;

    public Uid FirstUid => new(_messages[0].Uid);

    public Uid LastUid => new(_messages[^1].Uid);

    public Uid UidAt(int index) => new(_messages[index].Uid);

    /// <summary>Whether the index has this chunk as it is. Used under the mailbox lock.</summary>
    public bool IsKept { get; set; }

    /// <summary>The flags that some message of it has.</summary>
    public SystemFlags AnyFlags { get; }

    /// <summary>The flags that all its messages have.</summary>
    public SystemFlags CommonFlags { get; }

    /// <summary>Sums over its messages.</summary>
    public MessageTotals Totals
    {
        get
        {
            MessageTotals totals = default;
            foreach (ref readonly PackedMessage message in _messages.AsSpan())
                totals = totals.Plus(message.Flags, message.WireOctets);
            return totals;
        }
    }

    /// <summary>The sum of its messages' lengths on the disk.</summary>
    public long StoredOctets
    {
        get
        {
            long octets = 0;
            foreach (ref readonly PackedMessage message in _messages.AsSpan())
                octets += message.StoredOctets;
            return octets;
        }
    }

    /// <summary>Whether the file of the message at an index lies in new/.</summary>
    public bool IsInNew(int index) => (_messages[index].Form & PackedForm.InNew) != 0;

    /// <summary>Whether POP3 is known to send just the length on the wire of the message at an index.</summary>
    public bool IsSentAsIs(int index) => (_messages[index].Form & PackedForm.SentAsIs) != 0;

    /// <summary>The flags of the message at an index.</summary>
    public SystemFlags FlagsAt(int index) => _messages[index].Flags;

    /// <summary>The mod-sequence of the message at an index.</summary>
    public ModSeq ModSeqAt(int index) => new(_messages[index].ModSeq);

    /// <summary>The keywords of the message at an index.</summary>
    public IReadOnlyList<string> KeywordsAt(int index) => _keywords[_messages[index].Keywords];

    /// <summary>What the message at an index adds to the sums.</summary>
    public MessageTotals TotalsAt(int index) => MessageTotals.Of(_messages[index].Flags, _messages[index].WireOctets);

    /// <summary>The message at an index, made for the caller. Its file name is made when it is asked for.</summary>
    public MessageEntry this[int index]
    {
        get
        {
            ref readonly PackedMessage message = ref _messages[index];
            return new(this, index)
            {
                Uid = new(message.Uid),
                ModSeq = new(message.ModSeq),
                Flags = message.Flags,
                Keywords = _keywords[message.Keywords],
                WireOctets = message.WireOctets,
                StoredOctets = message.StoredOctets,
                InternalDate = DateTimeOffset.FromUnixTimeSeconds(message.InternalDateSeconds),
                InNew = (message.Form & PackedForm.InNew) != 0,
                IsSentAsIs = (message.Form & PackedForm.SentAsIs) != 0,
            };
        }
    }

    /// <summary>Whether a message is the same here and in another chunk, but for its file's name.</summary>
    public bool IsSame(int index, MessageChunk other, int otherIndex)
    {
        ref readonly PackedMessage here = ref _messages[index], there = ref other._messages[otherIndex];
        return here.Uid == there.Uid && here.ModSeq == there.ModSeq && here.Flags == there.Flags && here.StoredOctets == there.StoredOctets && here.AddedOctets == there.AddedOctets
            && here.Form == there.Form && ReferenceEquals(_keywords[here.Keywords], other._keywords[there.Keywords]);
    }

    /// <summary>The name of a message's file up to its flags.</summary>
    public ReadOnlySpan<byte> BaseNameOf(int index)
    {
        ReadOnlySpan<byte> kept = KeptOf(in _messages[index]);
        return (_messages[index].Form & PackedForm.WithFlags) != 0 ? kept : MaildirFileName.Base(kept);
    }

    /// <summary>Whether a message's file has this name, and lies in new/ or not.</summary>
    public bool IsNamed(int index, ReadOnlySpan<byte> name, bool inNew)
    {
        ref readonly PackedMessage message = ref _messages[index];
        if ((message.Form & PackedForm.InNew) != 0 != inNew)
            return false;
        ReadOnlySpan<byte> kept = KeptOf(in message);
        return (message.Form & PackedForm.WithFlags) == 0
            ? name.SequenceEqual(kept)
            : MaildirFileName.Base(name).SequenceEqual(kept) && MaildirFileName.IsJoined(name, message.Flags);
    }

    /// <summary>The name of a message's file.</summary>
    public byte[] NameOf(int index)
    {
        ref readonly PackedMessage message = ref _messages[index];
        return (message.Form & PackedForm.WithFlags) != 0
            ? MaildirFileName.Join(KeptOf(in message), message.Flags)
            : KeptOf(in message).ToArray();
    }

    /// <summary>Index of the first message whose UID is not below <paramref name="uid"/>.</summary>
    public int LowerBound(uint uid)
    {
        int low = 0, high = _messages.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_messages[middle].Uid < uid)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private static PackedForm FormOf(bool isJoined, bool inNew, bool isSentAsIs)
        => (isJoined ? PackedForm.WithFlags : PackedForm.Whole) | (inNew ? PackedForm.InNew : PackedForm.Whole) | (isSentAsIs ? PackedForm.SentAsIs : PackedForm.Whole);

    private ReadOnlySpan<byte> KeptOf(in PackedMessage message) => _names.AsSpan(message.NameStart, message.NameLength);

    /// <summary>Packs messages, which come in order.</summary>
    public sealed class Builder(int capacity)
    {
        private readonly List<PackedMessage> _messages = new(capacity);
        private readonly List<IReadOnlyList<string>> _keywords = [Array.Empty<string>()];
        private byte[] _names = [];
        private int _named;

        public int Count => _messages.Count;

        public void Add(MessageEntry entry)
        {
            ReadOnlySpan<byte> kept = entry.FileName;
            bool isJoined = MaildirFileName.IsJoined(kept, entry.Flags);
            if (isJoined)
                kept = MaildirFileName.Base(kept);

            Add(new PackedMessage(
                entry.ModSeq.Value, entry.InternalDate.ToUnixTimeSeconds(), entry.StoredOctets, entry.Uid.Value,
                PackedMessage.AddedFor(entry.WireOctets, entry.StoredOctets), 0, 0, KeywordsOf(entry.Keywords), entry.Flags,
                FormOf(isJoined, entry.InNew, entry.IsSentAsIs)), kept);
        }

        /// <summary>Packs a message without keywords of which no entry was made.</summary>
        public void Add(Uid uid, ModSeq modSeq, Arrived message, ReadOnlySpan<byte> fileName)
        {
            bool isJoined = MaildirFileName.IsJoined(fileName, message.Flags);
            Add(new PackedMessage(
                modSeq.Value, message.DateSeconds, message.StoredOctets, uid.Value, PackedMessage.AddedFor(message.Length.Octets, message.StoredOctets), 0, 0, 0, message.Flags,
                FormOf(isJoined, message.InNew, message.Length.IsSentAsIs)), isJoined ? MaildirFileName.Base(fileName) : fileName);
        }

        public void Add(MessageChunk from, int index)
        {
            ref readonly PackedMessage message = ref from._messages[index];
            Add(message with { Keywords = KeywordsOf(from._keywords[message.Keywords]) }, from.KeptOf(in message));
        }

        /// <summary>The chunk. What was added is forgotten here.</summary>
        public MessageChunk Build()
        {
            MessageChunk built = new([.. _messages], _names.AsSpan(0, _named).ToArray(), [.. _keywords]);
            _messages.Clear();
            _keywords.RemoveRange(1, _keywords.Count - 1);
            _named = 0;
            return built;
        }

        private void Add(PackedMessage message, ReadOnlySpan<byte> kept)
        {
            if (_names.Length - _named < kept.Length)
                Array.Resize(ref _names, Math.Max(2 * _names.Length, _named + kept.Length + 64));
            kept.CopyTo(_names.AsSpan(_named));
            _messages.Add(message with { NameStart = checked((ushort)_named), NameLength = checked((ushort)kept.Length) });
            _named += kept.Length;
        }

        private ushort KeywordsOf(IReadOnlyList<string> keywords)
        {
            if (keywords.Count == 0)
                return 0;
            int known = _keywords.FindIndex(list => ReferenceEquals(list, keywords));
            if (known >= 0)
                return (ushort)known;
            _keywords.Add(keywords);
            return checked((ushort)(_keywords.Count - 1));
        }
    }

    /// <summary>The same chunk with other messages in the place of those with the same UIDs, in order; they are all here.</summary>
    public MessageChunk With(ReadOnlySpan<MessageEntry> changed)
    {
        PackedMessage[] messages = [.. _messages];
        List<IReadOnlyList<string>> keywords = [.. _keywords];
        foreach (MessageEntry entry in changed)
        {
            int at = LowerBound(entry.Uid.Value);
            if ((messages[at].Form & PackedForm.WithFlags) == 0 && !entry.FileName.AsSpan().SequenceEqual(KeptOf(in messages[at]))
                || !entry.BaseName.SequenceEqual(BaseNameOf(at)))
                return Rebuild(changed);
            bool isJoined = MaildirFileName.IsJoined(entry.FileName, entry.Flags);
            if (isJoined != ((messages[at].Form & PackedForm.WithFlags) != 0))
                return Rebuild(changed);
            int list = entry.Keywords.Count == 0 ? 0 : keywords.FindIndex(known => ReferenceEquals(known, entry.Keywords));
            if (list < 0)
            {
                list = keywords.Count;
                keywords.Add(entry.Keywords);
            }

            messages[at] = messages[at] with
            {
                ModSeq = entry.ModSeq.Value, InternalDateSeconds = entry.InternalDate.ToUnixTimeSeconds(), StoredOctets = entry.StoredOctets,
                AddedOctets = PackedMessage.AddedFor(entry.WireOctets, entry.StoredOctets), Keywords = checked((ushort)list), Flags = entry.Flags,
                Form = FormOf(isJoined, entry.InNew, entry.IsSentAsIs),
            };
        }

        // Lists that no message has any more would pile up.
        return keywords.Count > 2 * messages.Length + 16 ? Rebuild(changed) : new(messages, _names, [.. keywords]);
    }

    private MessageChunk Rebuild(ReadOnlySpan<MessageEntry> changed)
    {
        Builder builder = new(Count);
        for (int at = 0, next = 0; at < Count; at++)
        {
            if (next < changed.Length && changed[next].Uid.Value == _messages[at].Uid)
                builder.Add(changed[next++]);
            else
                builder.Add(this, at);
        }

        return builder.Build();
    }
}
