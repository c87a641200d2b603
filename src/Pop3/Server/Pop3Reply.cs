using System.Globalization;
using System.Text;
using FullStack.Net.Metrics;
using FullStack.Pop3.Languages;
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
/// <remarks>
/// RFC 1939 §3; response codes RFC 2449 §8, RFC 3206 and RFC 6856 §5. The text for people is known by its English form, and
/// what goes into it is kept apart, so that it can be said in the language that the client asked for.
/// </remarks>
internal sealed class Pop3Reply
{
    private readonly string _start;
    private readonly string _text;
    private readonly object?[] _arguments;
    private byte[]? _english;

    private Pop3Reply(bool isOk, string? code, string text, params object?[] arguments)
        => (IsOk, Code, _start, _text, _arguments) = (isOk, code, (isOk ? "+OK " : "-ERR ") + (code is null ? "" : $"[{code}] "), text, arguments);

    public static Pop3Reply Done { get; } = Ok("done");
    public static Pop3Reply SendPassword { get; } = Ok("send PASS");
    public static Pop3Reply Utf8Begins { get; } = Ok("UTF-8 from here on");
    public static Pop3Reply Goodbye { get; } = Ok("goodbye", AfterReply.Close);
    public static Pop3Reply BeginTls { get; } = Ok("begin TLS", AfterReply.StartTls);

    public static Pop3Reply UnknownCommand { get; } = Mistake("unknown command");
    public static Pop3Reply LineTooLong { get; } = Mistake("line too long");
    public static Pop3Reply AuthCancelled { get; } = Mistake("cancelled");
    public static Pop3Reply AuthMalformed { get; } = Mistake("that is no response of this mechanism");
    public static Pop3Reply AuthNotOffered { get; } = Err("that mechanism is not offered");
    public static Pop3Reply InitialResponseUnwanted { get; } = Mistake("with this mechanism the server speaks first");
    public static Pop3Reply ApopNotOffered { get; } = Err("APOP is not offered");
    public static Pop3Reply LogInFirst { get; } = Mistake("log in first");
    public static Pop3Reply LoggedInAlready { get; } = Mistake("not after the login");
    public static Pop3Reply UserFirst { get; } = Mistake("send USER first");
    public static Pop3Reply TlsActive { get; } = Mistake("TLS is active already");
    public static Pop3Reply Utf8Already { get; } = Mistake("UTF-8 is in use already");

    public static Pop3Reply NoSuchMessage { get; } = Err("no such message");
    public static Pop3Reply MessageGone { get; } = Err("the message was removed meanwhile");
    public static Pop3Reply NeedsUtf8 { get; } = Err("the header of the message has UTF-8: send UTF8 before the login", "UTF8");
    public static Pop3Reply UnknownLanguage { get; } = Err("that language is not spoken here");
    public static Pop3Reply TlsUnavailable { get; } = Err("TLS is not available");
    public static Pop3Reply TlsRequired { get; } = Err("a password must not be sent in the clear: use STLS or the TLS port", "AUTH");
    public static Pop3Reply LoginRefused { get; } = Err("wrong user name or password", "AUTH");
    public static Pop3Reply PasswordExpired { get; } = Err("that password has expired", "AUTH");
    public static Pop3Reply NotAuthorized { get; } = Err("you may not act as that account", "AUTH");
    public static Pop3Reply KeptOut { get; } = Err("your account may not log in here, ask your administrator", "SYS/PERM");
    public static Pop3Reply LoginUnavailable { get; } = Err("logins cannot be checked now, try again later", "SYS/TEMP");
    public static Pop3Reply NoMaildrop { get; } = Err("the account cannot have a maildrop", "SYS/PERM");
    public static Pop3Reply NotRemoved { get; } = Farewell("some deleted messages are not removed", "SYS/TEMP");
    public static Pop3Reply LocalError { get; } = Err("internal error, try again later", "SYS/TEMP");

    public static Pop3Reply TooManyErrors { get; } = Farewell("too many errors");
    public static Pop3Reply TooManyLogins { get; } = Farewell("too many failed logins", "AUTH");
    public static Pop3Reply EndlessLine { get; } = Farewell("that is not POP3");
    public static Pop3Reply Draining { get; } = Farewell("the server is stopping, nothing was deleted", "SYS/TEMP");

    public bool IsOk { get; }

    /// <summary>The response code; null where there is none.</summary>
    public string? Code { get; }

    /// <summary>What the reply means for the command.</summary>
    public CommandOutcome Outcome
        => IsOk ? CommandOutcome.Ok : this == LocalError ? CommandOutcome.Failed : Code is "SYS/TEMP" or "IN-USE" or "LOGIN-DELAY" ? CommandOutcome.Deferred : CommandOutcome.Refused;

    /// <summary>The client did not keep to the protocol, in contrast to asking for what it cannot have.</summary>
    public bool IsMistake { get; private init; }

    /// <summary>What follows the line; null where nothing does.</summary>
    public Pop3Body? Body { get; private init; }

    public AfterReply After { get; private init; }

    /// <summary>The status line with its CRLF, in English.</summary>
    public ReadOnlySpan<byte> Line => _english ??= LineOf(_text);

    /// <summary>The status line with its CRLF, in UTF-8.</summary>
    public ReadOnlySpan<byte> LineIn(Pop3Language language) => ReferenceEquals(language, Pop3Language.English) ? Line : LineOf(language.Translate(_text));

    /// <summary>Yes, with what is no text for people, or with one that is the same each time.</summary>
    /// <param name="text">At most 500 octets of printable ASCII.</param>
    /// <param name="body">What follows the line.</param>
    public static Pop3Reply Ok(string text, Pop3Body? body = null) => new(isOk: true, code: null, text) { Body = body };

    /// <summary>Yes, with a text that has holes.</summary>
    public static Pop3Reply Said(FormattableString text, Pop3Body? body = null) => new(isOk: true, code: null, text.Format, text.GetArguments()) { Body = body };

    /// <summary>The client's language from here on: its tag, then a text in it (RFC 6856 §3.2).</summary>
    public static Pop3Reply LanguageIs(Pop3Language language) => Ok($"{language.Tag} {language.Translate("language changed")}");

    /// <param name="timestamp">What APOP answers (RFC 1939 §4); null where it is not offered.</param>
    /// <param name="isForProxy">Whether the client may say XCLIENT, which Dovecot's proxies look for here.</param>
    public static Pop3Reply Greeting(string? timestamp, bool isForProxy)
        => Ok((isForProxy ? "[XCLIENT] " : "") + "FullStack Mail POP3 server ready" + (timestamp is null ? "" : " " + timestamp));

    /// <summary>The user's mail is at another host for good (RFC 3206 §4).</summary>
    public static Pop3Reply Moved(string host) => new(isOk: false, "SYS/PERM", "your mail is at {0} now", host);

    /// <summary>The last login is too short a time ago (RFC 2449 §8.1.1).</summary>
    public static Pop3Reply TooSoon(int seconds) => new(isOk: false, "LOGIN-DELAY", "your mail was looked at less than {0} seconds ago", seconds);

    /// <summary>The answer to a storage error.</summary>
    public static Pop3Reply Err(StoreError error) => error switch
    {
        StoreError.NotFound or StoreError.Gone => MessageGone,
        StoreError.InUse => Err("another session has the maildrop", "IN-USE"),
        StoreError.OverQuota or StoreError.NoSpace or StoreError.Unavailable => Err("the mail store is not available, try again later", "SYS/TEMP"),
        StoreError.ReadOnly or StoreError.NotPermitted or StoreError.Denied => Err("not permitted", "SYS/PERM"),
        StoreError.AlreadyExists or StoreError.TooBig or StoreError.BadName => Err("the mail store refused", "SYS/PERM"),
        _ => throw new ArgumentOutOfRangeException(nameof(error), error, "not an error"),
    };

    public static Pop3Reply SyntaxError(string syntax) => new(isOk: false, code: null, "syntax: {0}", syntax) { IsMistake = true };

    /// <summary>Says to a connection that is not served why.</summary>
    /// <param name="reason">Printable ASCII, at most 450 octets.</param>
    public static Pop3Reply NotServed(string reason) => Farewell(reason, "SYS/TEMP");

    private static Pop3Reply Ok(string text, AfterReply after) => new(isOk: true, code: null, text) { After = after };
    private static Pop3Reply Err(string text, string? code = null) => new(isOk: false, code, text);
    private static Pop3Reply Mistake(string text) => new(isOk: false, code: null, text) { IsMistake = true };
    private static Pop3Reply Farewell(string text, string? code = null) => new(isOk: false, code, text) { After = AfterReply.Close };

    private byte[] LineOf(string text)
    {
        if (_arguments.Length > 0)
            text = string.Format(CultureInfo.InvariantCulture, text, _arguments);
        byte[] line = new byte[_start.Length + Encoding.UTF8.GetByteCount(text) + 2];
        int at = Encoding.UTF8.GetBytes(_start, line);
        at += Encoding.UTF8.GetBytes(text, line.AsSpan(at));
        "\r\n"u8.CopyTo(line.AsSpan(at));
        return line;
    }
}
