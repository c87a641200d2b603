using System.Text;
using FullStack.Net.Metrics;

namespace FullStack.Smtp.Server;

/// <summary>What the session does once a reply is written.</summary>
internal enum AfterReply
{
    Continue,
    StartTls,
    Close,

    /// <summary>The client becomes the server (RFC 2645).</summary>
    Turn,
}

/// <summary>One reply to a command, and the catalogue of those that are always the same.</summary>
/// <remarks>Codes: RFC 5321 §4.2; enhanced codes on all but the greeting, HELO, EHLO and 3xx: RFC 2034 §4, RFC 3463, RFC 5248.</remarks>
internal sealed class SmtpReply
{
    private readonly byte[] _octets;

    private SmtpReply(int code, EnhancedStatus? status, IReadOnlyList<string> lines, AfterReply after)
    {
        Code = code;
        Status = status;
        After = after;
        StringBuilder text = new();
        for (int i = 0; i < lines.Count; i++)
        {
            text.Append(code).Append(i == lines.Count - 1 ? ' ' : '-');
            if (status is { } enhanced)
                text.Append(enhanced).Append(' ');
            text.Append(lines[i]).Append("\r\n");
        }

        _octets = Encoding.UTF8.GetBytes(text.ToString()); // beyond ASCII only where the client asked for it
    }

    public static SmtpReply Ok { get; } = Of(250, "2.0.0", "Ok");
    public static SmtpReply SenderOk { get; } = Of(250, "2.1.0", "Ok");
    public static SmtpReply RecipientOk { get; } = Of(250, "2.1.5", "Ok");
    public static SmtpReply ResultsFollow { get; } = Of(353, null, "The results for each recipient follow");
    public static SmtpReply StartMailInput { get; } = Of(354, null, "End data with <CR><LF>.<CR><LF>");
    public static SmtpReply MalformedChunk { get; } = Of(501, "5.5.4", "The syntax is: BDAT octets [LAST]; where the chunk ends is not known, closing", AfterReply.Close);
    public static SmtpReply Goodbye { get; } = Of(221, "2.0.0", "Bye", AfterReply.Close);
    public static SmtpReply Turning { get; } = Of(250, "2.0.0", "Ok, now reversing the connection", AfterReply.Turn);
    public static SmtpReply FetchRefused { get; } = Of(450, "4.7.1", "Not all of these domains are yours to fetch mail for");
    public static SmtpReply FetchBusy { get; } = Of(450, "4.3.2", "That mail is being fetched already");
    public static SmtpReply FetchUnavailable { get; } = Of(451, "4.3.0", "Unable to process ATRN now");
    public static SmtpReply NoMailWaits { get; } = Of(453, "4.2.0", "You have no mail");
    public static SmtpReply NotImplementedClosing { get; } = Of(502, "5.5.1", "Command not implemented, closing", AfterReply.Close);
    public static SmtpReply TransactionBusy { get; } = Of(451, "4.5.0", "That transaction is open on another connection of yours");
    public static SmtpReply TakenBefore { get; } = Of(554, "5.5.0", "That message was taken before, and was shorter");
    public static SmtpReply UrlTaken { get; } = Of(250, "2.5.0", "Waiting for more");
    public static SmtpReply CannotVerify { get; } = Of(252, "2.0.0", "Not told; send the mail and see");
    public static SmtpReply ReadyToStartTls { get; } = Of(220, "2.0.0", "Ready to start TLS", AfterReply.StartTls);
    public static SmtpReply LoggedIn { get; } = Of(235, "2.7.0", "Authentication successful");
    public static SmtpReply EmptyChallenge { get; } = Of(334, null, "");

    public static SmtpReply Draining { get; } = Of(421, "4.3.2", "The server is stopping, please try again soon", AfterReply.Close);
    public static SmtpReply TimedOut { get; } = Of(421, "4.4.2", "Too little came in time, closing", AfterReply.Close);
    public static SmtpReply TooManyErrors { get; } = Of(421, "4.7.0", "Too many errors, closing", AfterReply.Close);
    public static SmtpReply NotMail { get; } = Of(421, "4.7.0", "This is a mail server, closing", AfterReply.Close);
    public static SmtpReply EndlessLine { get; } = Of(421, "4.5.2", "Line without end, closing", AfterReply.Close); // RFC 5321 §3.8: closing is 421
    public static SmtpReply LocalError { get; } = Of(451, "4.3.0", "Local problem, please try again later");
    public static SmtpReply LocalErrorClosing { get; } = Of(421, "4.3.0", "Local problem, closing; please try again later", AfterReply.Close);
    public static SmtpReply DiskFull { get; } = Of(452, "4.3.1", "Not enough room now, please try again later");
    public static SmtpReply TooManyRecipients { get; } = Of(452, "4.5.3", "Too many recipients, send to the rest separately");
    public static SmtpReply TlsUnavailable { get; } = Of(454, "4.7.0", "TLS is not available");
    public static SmtpReply LoginUnavailable { get; } = Of(454, "4.7.0", "Cannot check passwords now, please try again later");

    public static SmtpReply UnknownCommand { get; } = Of(500, "5.5.2", "Command not recognised");
    public static SmtpReply LineTooLong { get; } = Of(500, "5.5.2", "Line too long");
    public static SmtpReply BareLineFeed { get; } = Of(500, "5.5.2", "Lines must end with CR LF");
    public static SmtpReply BadOctets { get; } = Of(500, "5.5.2", "Commands are text: no control characters, nothing but UTF-8");
    public static SmtpReply AuthLineTooLong { get; } = Of(500, "5.5.6", "Authentication exchange line is too long");
    public static SmtpReply DuplicateParameter { get; } = Of(501, "5.5.4", "The same parameter twice");
    public static SmtpReply BadParameterValue { get; } = Of(501, "5.5.4", "That parameter cannot have that value");
    public static SmtpReply BadHold { get; } = Of(501, "5.5.4", "Messages are held until a time that lies ahead, and not longer than EHLO says");
    public static SmtpReply HeldTooLong { get; } = Of(501, "5.5.4", "The message would be held for longer than it has for delivery");
    public static SmtpReply MalformedBase64 { get; } = Of(501, "5.5.2", "Cannot decode that as base64");
    public static SmtpReply MalformedSasl { get; } = Of(501, "5.5.2", "Malformed authentication message");
    public static SmtpReply AuthCancelled { get; } = Of(501, "5.7.0", "Authentication cancelled");
    public static SmtpReply NotImplemented { get; } = Of(502, "5.5.1", "Command not implemented");
    public static SmtpReply HelloFirst { get; } = Of(503, "5.5.1", "Say EHLO first");
    public static SmtpReply LmtpHelloFirst { get; } = Of(503, "5.5.1", "Say LHLO first");
    public static SmtpReply MailFirst { get; } = Of(503, "5.5.1", "Say MAIL first");
    public static SmtpReply BinaryNeedsChunks { get; } = Of(503, "5.5.1", "A message with BODY=BINARYMIME comes by BDAT only");
    public static SmtpReply ChunksOpen { get; } = Of(503, "5.5.1", "After BDAT comes BDAT or RSET");
    public static SmtpReply RecipientFirst { get; } = Of(503, "5.5.1", "No valid recipients");
    public static SmtpReply StillUnwelcome { get; } = Of(503, "5.5.1", "Nothing is taken from you here; say QUIT");
    public static SmtpReply UnwelcomeClosing { get; } = Of(503, "5.5.1", "Nothing is taken from you here, closing", AfterReply.Close);
    public static SmtpReply TransactionOpen { get; } = Of(503, "5.5.1", "Not within a mail transaction");
    public static SmtpReply TlsActive { get; } = Of(503, "5.5.1", "TLS is active already");
    public static SmtpReply AlreadyLoggedIn { get; } = Of(503, "5.5.1", "Already authenticated");
    public static SmtpReply UnknownMechanism { get; } = Of(504, "5.5.4", "Authentication mechanism not offered");
    public static SmtpReply AuthenticationRequired { get; } = Of(530, "5.7.0", "Authentication required");
    public static SmtpReply LoginRefused { get; } = Of(535, "5.7.8", "User name or password is wrong");
    public static SmtpReply PasswordExpired { get; } = Of(535, "5.7.8", "That password has expired");
    public static SmtpReply NotAuthorized { get; } = Of(535, "5.7.8", "You may not act as that account");

    /// <summary>RFC 5248's registry: the login is right, and the account disabled.</summary>
    public static SmtpReply KeptOut { get; } = Of(525, "5.7.13", "Your account may not log in here; ask your administrator");
    public static SmtpReply EncryptionRequired { get; } = Of(538, "5.7.11", "Start TLS before sending a password");
    public static SmtpReply NoMail { get; } = Of(521, "5.3.2", "This host does not accept mail, closing", AfterReply.Close);
    public static SmtpReply NoSuchAddress { get; } = Of(550, "5.1.1", "No such user here");
    public static SmtpReply MalformedLineEnds { get; } = Of(550, "5.6.0", "The message has a CR without LF or an LF without CR");
    public static SmtpReply NoSoliciting { get; } = Of(550, "5.7.1", "Solicitations of that class are not wanted here");
    public static SmtpReply MalformedHeaderLines { get; } = Of(550, "5.6.0", "The header of the message has a CR without LF or an LF without CR");
    public static SmtpReply NulInHeader { get; } = Of(550, "5.6.0", "The header of the message has a NUL octet");
    public static SmtpReply NulInMessage { get; } = Of(550, "5.6.0", "The message has a NUL octet");
    public static SmtpReply MessageTooBig { get; } = Of(552, "5.3.4", "The message is larger than this server takes");
    public static SmtpReply HeaderTooBig { get; } = Of(552, "5.3.4", "The header of the message is larger than this server takes");
    public static SmtpReply MessageEndless { get; } = Of(552, "5.3.4", "The message is larger than this server takes, closing", AfterReply.Close);
    public static SmtpReply NeedsSmtpUtf8 { get; } = Of(553, "5.6.7", "An address beyond ASCII needs SMTPUTF8");
    public static SmtpReply NoValidRecipients { get; } = Of(554, "5.5.1", "No valid recipients");
    public static SmtpReply UrlRefused { get; } = Of(554, "5.6.6", "That URL leads to nothing that you may use");
    public static SmtpReply MailLoop { get; } = Of(554, "5.4.6", "The message has gone round in circles: too many Received fields");
    public static SmtpReply DeliverByTooSoon { get; } = Of(555, "5.5.4", "That is less time for delivery than EHLO says");
    public static SmtpReply UnknownParameter { get; } = Of(555, "5.5.4", "Parameter not recognised");

    /// <summary>RFC 3463 §3.2: the sender's address does not parse.</summary>
    public static EnhancedStatus BadSenderAddress { get; } = new(5, 1, 7);

    /// <summary>RFC 3463 §3.2: the recipient's address does not parse.</summary>
    public static EnhancedStatus BadRecipientAddress { get; } = new(5, 1, 3);

    public int Code { get; }
    public EnhancedStatus? Status { get; }
    public AfterReply After { get; }
    public bool IsError => Code >= 500;

    /// <summary>What the reply means for the command.</summary>
    public CommandOutcome Outcome
        => Code < 400 ? CommandOutcome.Ok : this == LocalError || this == LocalErrorClosing ? CommandOutcome.Failed : Code < 500 ? CommandOutcome.Deferred : CommandOutcome.Refused;

    /// <summary>The whole reply as it goes out.</summary>
    public ReadOnlySpan<byte> Octets => _octets;

    public static SmtpReply Greeting(string hostName, SmtpRole role)
        => Of(220, null, $"{hostName} {(role == SmtpRole.Lmtp ? "LMTP" : "ESMTP")} FullStack Mail");

    /// <remarks>RFC 7504 §3.</remarks>
    public static SmtpReply NoMailGreeting(string hostName) => Of(521, null, $"{hostName} does not accept mail");

    public static SmtpReply Addresses(IReadOnlyList<string> lines) => new(250, new(2, 1, 5), lines, AfterReply.Continue);

    /// <remarks>RFC 1985 §5.1.</remarks>
    public static SmtpReply QueueStarted(string name) => Of(250, "2.0.0", $"Ok, queuing for {name} started");

    /// <remarks>RFC 1985 §5.1.</remarks>
    public static SmtpReply QueueStarted(string name, int messages) => Of(253, "2.0.0", $"Ok, {messages} pending messages for {name} started");

    /// <remarks>RFC 1985 §5.1.</remarks>
    public static SmtpReply NothingWaits(string name) => Of(251, "2.0.0", $"Ok, no messages waiting for {name}");

    /// <remarks>RFC 1985 §5.1.</remarks>
    public static SmtpReply QueueUnavailable(string name) => Of(458, "4.3.0", $"Unable to queue messages for {name} now");

    /// <remarks>RFC 1985 §5.1.</remarks>
    public static SmtpReply QueueAskedTooOften(string name) => Of(458, "4.7.1", $"Unable to queue messages for {name}: you have asked too often, please wait");

    /// <remarks>RFC 1985 §5.1.</remarks>
    public static SmtpReply QueueNotAllowed(string name) => Of(459, "4.7.1", $"{name} not allowed: it is not for you to ask for that");

    /// <summary>Refuses a connection at once (RFC 5321 §3.8).</summary>
    public static SmtpReply ConnectionRefused(string hostName, string reason) => Of(421, null, $"{hostName} {reason}", AfterReply.Close);

    public static SmtpReply Hello(IReadOnlyList<string> lines) => new(250, null, lines, AfterReply.Continue);

    public static SmtpReply Help(IReadOnlyList<string> lines) => new(214, new(2, 0, 0), lines, AfterReply.Continue);

    public static SmtpReply Challenge(ReadOnlySpan<byte> octets) => Of(334, null, Convert.ToBase64String(octets));

    /// <remarks>RFC 6710 §4.1: the text begins with the new priority.</remarks>
    public static SmtpReply PriorityChanged(int priority) => Of(250, "2.3.6", $"{priority} is the new priority assigned to the message");

    /// <remarks>RFC 1845 §3: the text begins with the octets that need not come again.</remarks>
    public static SmtpReply TransactionOffset(long octets) => Of(355, null, $"{octets} is the transaction offset");

    public static SmtpReply ChunkTaken(long octets) => Of(250, "2.0.0", $"Ok: {octets} octets");

    public static SmtpReply Queued(QueueId id) => Of(250, "2.0.0", $"Ok: queued as {id}");

    /// <param name="position">Octets of the line that were read.</param>
    public static SmtpReply SyntaxError(int position, string syntax) => Of(501, "5.5.4", $"Syntax error after {position} octets; the syntax is: {syntax}");

    public static SmtpReply MalformedPath(EnhancedStatus status, int position)
        => new(501, status, [$"Malformed address after {position} octets"], AfterReply.Continue);

    public static SmtpReply PathTooLong(EnhancedStatus status)
        => new(501, status, ["Address too long: at most 64 octets before the @, 255 after it"], AfterReply.Continue);

    /// <summary>Refuses a connection instead of greeting it.</summary>
    /// <remarks>RFC 5321 §3.1 and §3.8; 521 RFC 7504 §3. A failure that may pass is 421, whatever its code is elsewhere.</remarks>
    public static SmtpReply Unwelcome(DeliveryStatus status, string hostName)
        => status.IsTemporary
            ? new(421, status.Status, [$"{hostName} {status.Text}"], AfterReply.Close)
            : new(status.Code, status.Status, [$"{hostName} {status.Text}"], status.Code == 521 ? AfterReply.Close : AfterReply.Continue);

    public static SmtpReply From(DeliveryStatus status) => new(status.Code, status.Status, [status.Text], AfterReply.Continue);

    public override string ToString() => Encoding.UTF8.GetString(_octets);

    private static SmtpReply Of(int code, string? status, string text, AfterReply after = AfterReply.Continue)
    {
        EnhancedStatus? enhanced = status is null ? null : new(status[0] - '0', status[2] - '0', int.Parse(status.AsSpan(4)));
        return new(code, enhanced, [text], after);
    }
}
