using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Commands;
using FullStack.Imap.Grammar;

namespace FullStack.Imap.Server;

/// <summary>Parses what follows a verb.</summary>
internal delegate bool ImapCommandParser(ref ImapReader reader, [NotNullWhen(true)] out IImapCommand? command);

/// <summary>A verb and its parser.</summary>
internal sealed record ImapVerbEntry(ImapVerb Verb, ImapCommandParser Parse);

/// <summary>The only list of the verbs there are: dispatch, state check and transcripts read it.</summary>
internal sealed class ImapVerbTable
{
    private readonly FrozenDictionary<string, ImapVerbEntry> _entries;
    private readonly FrozenDictionary<string, ImapVerbEntry>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    private ImapVerbTable(Builder builder)
    {
        _entries = builder.Entries.ToFrozenDictionary(static e => e.Verb.Name, StringComparer.OrdinalIgnoreCase);
        _lookup = _entries.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public static ImapVerbTable Standard { get; } = new(new Builder()
        .Add<CapabilityCommand>()
        .Add<NoopCommand>()
        .Add<LogoutCommand>()
        .Add<StartTlsCommand>()
        .Add<AuthenticateCommand>()
        .Add<LoginCommand>()
        .Add<UnauthenticateCommand>()
        .Add<CompressCommand>()
        .Add<EnableCommand>()
        .Add<SelectCommand>()
        .Add<ExamineCommand>()
        .Add<CreateCommand>()
        .Add<DeleteCommand>()
        .Add<RenameCommand>()
        .Add<SubscribeCommand>()
        .Add<UnsubscribeCommand>()
        .Add<ListCommand>()
        .Add<LsubCommand>()
        .Add<XListCommand>()
        .Add<StatusCommand>()
        .Add<AppendCommand>()
        .Add<ReplaceCommand>()
        .Add<UidReplaceCommand>()
        .Add<CheckCommand>()
        .Add<CloseCommand>()
        .Add<UnselectCommand>()
        .Add<ExpungeCommand>()
        .Add<UidExpungeCommand>()
        .Add<UidBatchesCommand>()
        .Add<FetchCommand>()
        .Add<UidFetchCommand>()
        .Add<ConvertCommand>()
        .Add<UidConvertCommand>()
        .Add<ConversionsCommand>()
        .Add<SearchCommand>()
        .Add<UidSearchCommand>()
        .Add<ESearchCommand>()
        .Add<SortCommand>()
        .Add<UidSortCommand>()
        .Add<ThreadCommand>()
        .Add<UidThreadCommand>()
        .Add<CancelUpdateCommand>()
        .Add<StoreCommand>()
        .Add<UidStoreCommand>()
        .Add<CopyCommand>()
        .Add<UidCopyCommand>()
        .Add<MoveCommand>()
        .Add<UidMoveCommand>()
        .Add<IdleCommand>()
        .Add<NotifyCommand>()
        .Add<GetQuotaCommand>()
        .Add<GetQuotaRootCommand>()
        .Add<SetQuotaCommand>()
        .Add<GetMetadataCommand>()
        .Add<SetMetadataCommand>()
        .Add<SetAclCommand>()
        .Add<DeleteAclCommand>()
        .Add<GetAclCommand>()
        .Add<ListRightsCommand>()
        .Add<MyRightsCommand>()
        .Add<GenUrlAuthCommand>()
        .Add<ResetKeyCommand>()
        .Add<UrlFetchCommand>()
        .Add<NamespaceCommand>()
        .Add<LanguageCommand>()
        .Add<ComparatorCommand>()
        .Add<IdCommand>());

    public IReadOnlyCollection<ImapVerbEntry> Entries => _entries.Values;

    /// <summary>Longest name in the table.</summary>
    internal const int MaxNameOctets = 16;

    /// <summary>command = … : an atom, or "UID" SP and an atom. False where the table has no such verb; the reader then stands before it.</summary>
    public bool TryReadVerb(ref ImapReader reader, [NotNullWhen(true)] out ImapVerbEntry? entry)
    {
        entry = null;
        int start = reader.Position;
        Span<char> name = stackalloc char[MaxNameOctets];
        int length = 0;
        if (reader.TryReadWord("UID "u8))
        {
            "UID ".CopyTo(name);
            length = 4;
        }

        if (reader.TryReadAtom(out ReadOnlySpan<byte> atom) && length + atom.Length <= name.Length)
        {
            foreach (byte octet in atom)
                name[length++] = (char)octet;
            if (_lookup.TryGetValue(name[..length], out entry))
                return true;
        }

        reader.Position = start;
        return false;
    }

    private sealed class Builder
    {
        public List<ImapVerbEntry> Entries { get; } = [];

        public Builder Add<TCommand>()
            where TCommand : class, IImapCommand<TCommand>
        {
            Entries.Add(new(TCommand.Verb, Parse<TCommand>));
            return this;
        }

        private static bool Parse<TCommand>(ref ImapReader reader, [NotNullWhen(true)] out IImapCommand? command)
            where TCommand : class, IImapCommand<TCommand>
        {
            bool parsed = TCommand.TryParse(ref reader, out TCommand? typed);
            command = typed;
            return parsed && typed is not null;
        }
    }
}
