using System.Text;
using FullStack.Store;

namespace FullStack.Pop3.Server;

/// <summary>What the session does once a reply is written.</summary>
internal enum AfterReply
{
    GoOn,
    StartTls,
    Close,
}

/// <summary>One answer: a status line, and for some commands lines or a message after it.</summary>
/// <remarks>RFC 1939 §3; response codes RFC 2449 §8 and RFC 3206.</remarks>
internal sealed class Pop3Reply
{
    private readonly byte[] _line;

    private Pop3Reply(string line, bool isOk) => (_line, IsOk) = (Encoding.ASCII.GetBytes(line + "\r\n"), isOk);

    public static Pop3Reply Greeting { get; } = Ok("FullStack Mail POP3 server ready");
    public static Pop3Reply Done { get; } = Ok("done");
    public static Pop3Reply SendPassword { get; } = Ok("send PASS");
    public static Pop3Reply Goodbye { get; } = new("+OK goodbye", isOk: true) { After = AfterReply.Close };
    public static Pop3Reply BeginTls { get; } = new("+OK begin TLS", isOk: true) { After = AfterReply.StartTls };

    public static Pop3Reply UnknownCommand { get; } = Mistake("unknown command");
    public static Pop3Reply LineTooLong { get; } = Mistake("line too long");
    public static Pop3Reply LogInFirst { get; } = Mistake("log in first");
    public static Pop3Reply LoggedInAlready { get; } = Mistake("not after the login");
    public static Pop3Reply UserFirst { get; } = Mistake("send USER first");
    public static Pop3Reply TlsActive { get; } = Mistake("TLS is active already");

    public static Pop3Reply NoSuchMessage { get; } = Err("no such message");
    public static Pop3Reply MessageGone { get; } = Err("the message was removed meanwhile");
    public static Pop3Reply TlsUnavailable { get; } = Err("TLS is not available");
    public static Pop3Reply TlsRequired { get; } = Err("[AUTH] a password must not be sent in the clear: use STLS or the TLS port");
    public static Pop3Reply LoginRefused { get; } = Err("[AUTH] wrong user name or password");
    public static Pop3Reply LoginUnavailable { get; } = Err("[SYS/TEMP] logins cannot be checked now, try again later");
    public static Pop3Reply NoMaildrop { get; } = Err("[SYS/PERM] the account cannot have a maildrop");
    public static Pop3Reply NotRemoved { get; } = new("-ERR [SYS/TEMP] some deleted messages are not removed", isOk: false) { After = AfterReply.Close };
    public static Pop3Reply LocalError { get; } = Err("[SYS/TEMP] internal error, try again later");

    public static Pop3Reply TooManyErrors { get; } = Farewell("too many errors");
    public static Pop3Reply TooManyLogins { get; } = Farewell("[AUTH] too many failed logins");
    public static Pop3Reply EndlessLine { get; } = Farewell("that is not POP3");
    public static Pop3Reply Draining { get; } = Farewell("[SYS/TEMP] the server is stopping, nothing was deleted");

    public bool IsOk { get; }

    /// <summary>The client did not keep to the protocol, in contrast to asking for what it cannot have.</summary>
    public bool IsMistake { get; private init; }

    /// <summary>What follows the line; null where nothing does.</summary>
    public Pop3Body? Body { get; private init; }

    public AfterReply After { get; private init; }

    /// <summary>The status line with its CRLF.</summary>
    public ReadOnlySpan<byte> Line => _line;

    /// <param name="text">Printable ASCII, at most 500 octets.</param>
    /// <param name="body">What follows the line.</param>
    public static Pop3Reply Ok(string text, Pop3Body? body = null) => new("+OK " + text, isOk: true) { Body = body };

    /// <summary>The user's mail is at another host for good (RFC 3206 §4).</summary>
    public static Pop3Reply Moved(string host) => Err($"[SYS/PERM] your mail is at {host} now");

    /// <summary>The answer to a storage error.</summary>
    public static Pop3Reply Err(StoreError error) => error switch
    {
        StoreError.NotFound => MessageGone,
        StoreError.InUse => Err("[IN-USE] another session has the maildrop"),
        StoreError.OverQuota or StoreError.NoSpace or StoreError.Unavailable => Err("[SYS/TEMP] the mail store is not available, try again later"),
        StoreError.ReadOnly or StoreError.NotPermitted or StoreError.Denied => Err("[SYS/PERM] not permitted"),
        StoreError.AlreadyExists or StoreError.TooBig or StoreError.BadName => Err("[SYS/PERM] the mail store refused"),
        _ => throw new ArgumentOutOfRangeException(nameof(error), error, "not an error"),
    };

    public static Pop3Reply SyntaxError(string syntax) => Mistake("syntax: " + syntax);

    /// <summary>Says to a connection that is not served why.</summary>
    /// <param name="reason">Printable ASCII, at most 450 octets.</param>
    public static Pop3Reply NotServed(string reason) => Farewell("[SYS/TEMP] " + reason);

    private static Pop3Reply Err(string text) => new("-ERR " + text, isOk: false);
    private static Pop3Reply Mistake(string text) => new("-ERR " + text, isOk: false) { IsMistake = true };
    private static Pop3Reply Farewell(string text) => new("-ERR " + text, isOk: false) { After = AfterReply.Close };
}
