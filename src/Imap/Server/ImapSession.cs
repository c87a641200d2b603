using System.Globalization;
using FullStack.Auth.Sasl;
using FullStack.Imap.Access;
using FullStack.Imap.Metadata;
using FullStack.Imap.Notify;
using FullStack.Imap.Languages;
using FullStack.Imap.Responses;
using FullStack.Net;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Acl;
using FullStack.Store.Feed;
using FullStack.Store.Identity;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Server;

/// <summary>One client's session: what commands see and change. The loop that reads and answers is <see cref="ImapCommandLoop"/>.</summary>
internal sealed class ImapSession(ImapEnvironment environment, MailConnection connection) : IDisposable
{
    public ImapEnvironment Environment => environment;
    public MailConnection Connection => connection;

    private AccountNotices? _notices;

    /// <summary>Where untagged responses are written. Replaced when TLS or compression starts.</summary>
    public ImapResponseWriter Writer { get; private set; } = new(connection.Output);

    /// <summary>The tag of the running command, as the client wrote it.</summary>
    public ReadOnlyMemory<byte> Tag { get; set; }

    /// <summary>The login; null before it.</summary>
    public ImapLogin? Login { get; private set; }

    /// <summary>The selected mailbox; null while there is none.</summary>
    public ImapSelection? Selection { get; private set; }

    /// <summary>The literal that the running command has to read; null where it has none.</summary>
    public IncomingLiteral? Literal { get; set; }

    /// <summary>Logins refused so far.</summary>
    public int FailedLogins { get; set; }

    /// <summary>What the client has enabled.</summary>
    public ImapFeatures Enabled { get; private set; }

    /// <summary>The client issued a CONDSTORE enabling command: FETCH responses carry MODSEQ from now on (RFC 7162 §3.1).</summary>
    public bool IsCondStoreEnabled => (Enabled & ImapFeatures.CondStore) != 0;

    /// <summary>The client enabled QRESYNC: it hears VANISHED in the place of EXPUNGE (RFC 7162 §3.2.3).</summary>
    public bool IsQResyncEnabled => (Enabled & ImapFeatures.QResync) != 0;

    /// <summary>The client enabled IMAP4rev2 (RFC 9051 Appendix A).</summary>
    public bool IsRev2Enabled => (Enabled & ImapFeatures.Rev2) != 0;

    /// <summary>UTF-8 may stand in quoted strings both ways, and names of mailboxes are UTF-8 (RFC 9051 §5.1, RFC 9755 §3).</summary>
    public bool UsesUtf8 => (Enabled & (ImapFeatures.Rev2 | ImapFeatures.Utf8Accept)) != 0;

    /// <summary>The client enabled UIDONLY: message numbers are neither told nor taken (RFC 9586).</summary>
    public bool IsUidOnly => (Enabled & ImapFeatures.UidOnly) != 0;

    /// <summary>Whether messages that go are told of as VANISHED.</summary>
    public bool TellsVanished => IsQResyncEnabled || IsUidOnly;

    /// <summary>What others change of the metadata; null before the client asked to hear of it by ENABLE (RFC 5464 §4.4) or NOTIFY.</summary>
    public MetadataWatch? MetadataWatch { get; private set; }

    /// <summary>What is told of mailboxes that are not selected.</summary>
    public AccountNotices Notices => _notices ??= new(this);

    /// <summary>What the last NOTIFY asked for; null before the first.</summary>
    public NotifyRequest? Notify => _notices?.Request;

    /// <summary>The client is in IDLE: a change of the selected mailbox ends the wait.</summary>
    public bool IsIdling
    {
        get;
        set
        {
            field = value;
            Listen();
        }
    }

    /// <summary>Whether the client is told of changes also while no command runs.</summary>
    public bool TellsBetweenCommands => Notify is { } request && (request.TellsSelected || request.OfOthers != NotifyEvents.None);

    public ImapStates State => Selection is not null ? ImapStates.Selected : Login is not null ? ImapStates.Authenticated : ImapStates.NotAuthenticated;

    /// <exception cref="InvalidOperationException">The session has not logged in, where the verb table lets no command that needs it run.</exception>
    public Account Account => Login?.Account ?? throw new InvalidOperationException("no account before login");

    /// <summary>Finds mailboxes, with what the user may do with them.</summary>
    /// <exception cref="InvalidOperationException">The session has not logged in.</exception>
    public MailboxAccess Access => Login?.Access ?? throw new InvalidOperationException("no mailboxes before login");

    /// <summary>The view of the selected mailbox.</summary>
    /// <exception cref="InvalidOperationException">No mailbox is selected, where the verb table lets no command that needs it run.</exception>
    public MailboxView View => Mailbox.View;

    /// <summary>The selected mailbox, for commands that run only where there is one.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public ImapSelection Mailbox => Selection ?? throw new InvalidOperationException("no mailbox is selected");

    /// <summary>How long the client may be silent now.</summary>
    public TimeSpan ReadTimeout => Login is null ? environment.Options.LoginTimeout : environment.Options.IdleTimeout;

    /// <summary>Whether the client may send a password as the connection is now.</summary>
    public bool IsPasswordAllowed => environment.Authenticator.IsPasswordAllowed(Sasl);

    /// <summary>The connection as SASL mechanisms see it.</summary>
    public SaslConnection Sasl => new(connection.RemoteEndPoint.Address, connection.Tls is not null)
    {
        Service = LoginService.Imap,
        Mechanisms = connection.Mechanisms,
        FindBinding = connection.Tls?.FindBinding,
        Certificate = connection.Tls?.Client is { } client ? new(client.Certificate, client.IsTrusted) : null,
    };

    /// <summary>Whether STARTTLS would work.</summary>
    public bool CanStartTls => environment.Tls is not null && connection.Tls is null && !connection.IsCompressed;

    /// <summary>Takes note of a CONDSTORE enabling command; the first one with a mailbox selected is told its HIGHESTMODSEQ (RFC 7162 §3.1).</summary>
    public void EnableCondStore()
    {
        if (IsCondStoreEnabled)
            return;
        Enabled |= ImapFeatures.CondStore;
        if (Selection is not null)
            UntaggedOk("HIGHESTMODSEQ " + View.ToldModSeq.Value.ToString(CultureInfo.InvariantCulture), "Highest");
    }

    /// <summary>Takes note of ENABLE. QRESYNC enables CONDSTORE too; with UIDONLY searches whose results are numbers are not kept up to date any more.</summary>
    public void Enable(ImapFeatures features)
    {
        Enabled |= features & ~ImapFeatures.CondStore;
        Writer.Utf8 = UsesUtf8;
        if (IsUidOnly)
            Selection?.Contexts.EndNumbered();
        if ((features & (ImapFeatures.CondStore | ImapFeatures.QResync)) != 0)
            EnableCondStore();
        if ((features & (ImapFeatures.Metadata | ImapFeatures.ServerMetadata)) != 0)
            WatchMetadata(ofMailboxes: (features & ImapFeatures.Metadata) != 0);
    }

    /// <summary>Takes note from now on of what others change of the metadata.</summary>
    /// <param name="ofMailboxes">Whether of mailboxes too.</param>
    public void WatchMetadata(bool ofMailboxes)
    {
        MetadataWatch ??= Account.Metadata.Watch(Account.Name, onlyAccount: true);
        MetadataWatch.OnlyAccount &= !ofMailboxes;
        Listen();
    }

    public void LogIn(ImapLogin login) => Login = login;

    /// <summary>Forgets all that came with the login and after it.</summary>
    public void LogOut()
    {
        Deselect();
        MetadataWatch?.Dispose();
        MetadataWatch = null;
        _notices?.Dispose();
        Login?.Dispose();
        Login = null;
        Enabled = ImapFeatures.None;
        Writer.Utf8 = false;
        Speak(ImapLanguage.Default);
    }

    /// <summary>Makes a view the selected mailbox, in place of the one before.</summary>
    /// <param name="view">The view, which the session ends.</param>
    /// <param name="place">What it is of; the session disposes it.</param>
    public void Select(MailboxView view, MailboxPlace place)
    {
        Deselect();
        Selection = new(view, place);
        Listen();
    }

    /// <summary>Has changes end the wait for the next command where the client is to hear of them at once.</summary>
    public void Listen()
    {
        if (MetadataWatch is not null)
            MetadataWatch.Changed = IsIdling || Notify is { TellsMetadata: true } ? connection.Wake : null;
        if (Selection is not null)
        {
            Selection.View.Changed = IsIdling || Notify is { TellsSelected: true } ? connection.Wake : null;
            Selection.View.WatchesAnnotations = Selection.WantsAnnotations || Notify is { Selected: { Events: var events } } && (events & NotifyEvents.AnnotationChange) != 0;
        }

    }

    /// <summary>Whether a message is told as \Recent, which IMAP4rev2 has not (RFC 9051 Appendix E 12).</summary>
    public bool ShowsRecent(int number) => !IsRev2Enabled && View.IsRecent(number);

    /// <summary>Leaves the selected mailbox, if any.</summary>
    public void Deselect()
    {
        if (_notices?.Request is not null && Selection is { View: { HasUntold: true } view } selection)
            _notices.LeftUntold(selection.Place, view.Name);
        Selection?.Dispose();
        Selection = null;
    }

    /// <summary>
    /// Finds out what the user may do with the selected mailbox, where access lists changed, and tells the flags that he may change now
    /// (RFC 4314 §5.1.1).
    /// </summary>
    /// <returns>False where another took the right to read his mailbox away: the session has to end.</returns>
    public async ValueTask<bool> RenewRightsAsync(CancellationToken ct)
    {
        if (Selection is not { } selection)
            return true;
        if (selection.Place.IsOutdated)
        {
            FlagKinds before = selection.ChangeableFlags;
            Result<KnownRights> rights = await Access.RightsAsync(selection.Place, selection.View.Name, ct);
            if (!rights.Ok)
                return rights.Error != StoreError.NotFound || selection.View.IsDead;
            selection.Place.Renew(rights.Value);
            if (selection.ChangeableFlags != before)
                MailboxUpdates.SendFlagsInUse(Writer, selection);
        }

        return !selection.Place.IsForeign || selection.Has(AclRights.Read);
    }

    /// <summary>The connection goes on over other pipes.</summary>
    public void TransportReplaced() => Writer = new(connection.Output) { Utf8 = UsesUtf8, Language = Writer.Language };

    /// <summary>Speaks another language to the client from now on.</summary>
    public void Speak(ImapLanguage language) => Writer.Language = language;

    /// <summary>Writes <c>* OK [code] text</c>.</summary>
    public void UntaggedOk(string code, ImapText text)
    {
        Writer.Write("* OK ["u8);
        Writer.Atom(code);
        Writer.Write("] "u8);
        Writer.Text(text);
        Writer.EndLine();
    }

    /// <summary>Tells the client what happened since it was last told, as far as it wants to hear of it.</summary>
    /// <param name="allowExpunges">Whether message numbers may change now (RFC 3501 §7.4.1).</param>
    /// <param name="withUids">Whether FETCH responses name UIDs, because a UID command brings them.</param>
    /// <param name="isOwn">Whether the command that ends removes messages: then its client is told, whatever NOTIFY said.</param>
    /// <param name="ct">Ends the sending.</param>
    public async ValueTask SendPendingUpdatesAsync(bool allowExpunges, bool withUids, bool isOwn, CancellationToken ct)
    {
        if (Selection is not null && (isOwn || Notify is null or { TellsSelected: true }))
            await MailboxUpdates.SendAsync(this, Selection, allowExpunges, withUids, ct);
        if (_notices is not null)
            await _notices.SendAsync(ct);
        if (MetadataWatch is not null)
            MetadataResponses.SendChanges(Writer, MetadataWatch.Drain().Where(Hears));
    }

    private bool Hears(MetadataName changed)
        => (Enabled & (changed.Mailbox is null ? ImapFeatures.Metadata | ImapFeatures.ServerMetadata : ImapFeatures.Metadata)) != 0 || (_notices?.Wants(changed) ?? false);

    /// <summary>The same while no command runs, for a client that asked for it by NOTIFY.</summary>
    public ValueTask SendBetweenCommandsAsync(CancellationToken ct)
        => SendPendingUpdatesAsync(allowExpunges: Notify is { Selected.IsDelayed: false }, withUids: true, isOwn: false, ct);

    /// <summary>Takes note that the session itself put messages into a mailbox.</summary>
    public void NoteOwn(MailboxPlace mailbox, UidValidity validity, IReadOnlyList<Uid> uids)
    {
        _notices?.Forget(mailbox, uids.Count);
        bool isSelected = Selection is { View: { IsDead: false } view } && view.Name == mailbox.Name && view.UidValidity == validity
            && Selection.Place.Account.Name == mailbox.Account.Name;
        if (isSelected)
            Selection!.Own.Add(uids);
    }

    public void Dispose()
    {
        _notices?.Dispose();
        Deselect();
        MetadataWatch?.Dispose();
        Login?.Dispose();
    }
}
