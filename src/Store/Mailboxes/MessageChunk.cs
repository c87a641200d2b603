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

    private MessageChunk(PackedMessage[] messages, byte[] names, IReadOnlyList<string>[] keywords)
        => (_messages, _names, _keywords) = (messages, names, keywords);

    public int Count => _messages.Length;

    public Uid FirstUid => new(_messages[0].Uid);

    public Uid LastUid => new(_messages[^1].Uid);

    public Uid UidAt(int index) => new(_messages[index].Uid);

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
                InternalDate = DateTimeOffset.FromUnixTimeSeconds(message.InternalDateSeconds),
                InNew = (message.Form & NameForm.InNew) != 0,
            };
        }
    }

    /// <summary>Whether a message is the same here and in another chunk, but for its file's name.</summary>
    public bool IsSame(int index, MessageChunk other, int otherIndex)
    {
        ref readonly PackedMessage here = ref _messages[index], there = ref other._messages[otherIndex];
        return here.Uid == there.Uid && here.ModSeq == there.ModSeq && here.Flags == there.Flags && here.WireOctets == there.WireOctets
            && here.Form == there.Form && ReferenceEquals(_keywords[here.Keywords], other._keywords[there.Keywords]);
    }

    /// <summary>The name of a message's file up to its flags.</summary>
    public ReadOnlySpan<byte> BaseNameOf(int index)
    {
        ReadOnlySpan<byte> kept = KeptOf(in _messages[index]);
        return (_messages[index].Form & NameForm.WithFlags) != 0 ? kept : MaildirFileName.Base(kept);
    }

    /// <summary>The name of a message's file.</summary>
    public byte[] NameOf(int index)
    {
        ref readonly PackedMessage message = ref _messages[index];
        return (message.Form & NameForm.WithFlags) != 0
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
            NameForm form = entry.InNew ? NameForm.InNew : NameForm.Whole;
            ReadOnlySpan<byte> kept = entry.FileName;
            if (MaildirFileName.IsJoined(kept, entry.Flags))
            {
                kept = MaildirFileName.Base(kept);
                form |= NameForm.WithFlags;
            }

            Add(new PackedMessage(
                entry.ModSeq.Value, entry.InternalDate.ToUnixTimeSeconds(), entry.WireOctets, entry.Uid.Value, 0, 0, KeywordsOf(entry.Keywords),
                entry.Flags, form), kept);
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
            _messages.Add(message with { NameStart = _named, NameLength = checked((ushort)kept.Length) });
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
            if ((messages[at].Form & NameForm.WithFlags) == 0 && !entry.FileName.AsSpan().SequenceEqual(KeptOf(in messages[at]))
                || !entry.BaseName.SequenceEqual(BaseNameOf(at)))
                return Rebuild(changed);
            bool isJoined = MaildirFileName.IsJoined(entry.FileName, entry.Flags);
            if (isJoined != ((messages[at].Form & NameForm.WithFlags) != 0))
                return Rebuild(changed);
            int list = entry.Keywords.Count == 0 ? 0 : keywords.FindIndex(known => ReferenceEquals(known, entry.Keywords));
            if (list < 0)
            {
                list = keywords.Count;
                keywords.Add(entry.Keywords);
            }

            messages[at] = messages[at] with
            {
                ModSeq = entry.ModSeq.Value, InternalDateSeconds = entry.InternalDate.ToUnixTimeSeconds(), WireOctets = entry.WireOctets,
                Keywords = checked((ushort)list), Flags = entry.Flags,
                Form = (isJoined ? NameForm.WithFlags : NameForm.Whole) | (entry.InNew ? NameForm.InNew : NameForm.Whole),
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
