using FullStack.Smtp;

namespace FullStack.Server.Cli.Sendmail;

/// <summary>What a call of sendmail is to do.</summary>
internal enum SendmailMode
{
    /// <summary>-bm: send the message on standard input.</summary>
    Send,

    /// <summary>-bs: speak SMTP on standard input and output.</summary>
    Session,

    /// <summary>-bS: take a batch of SMTP commands on standard input (RFC 2442).</summary>
    Batch,

    /// <summary>-bp, mailq: list the queue.</summary>
    List,

    /// <summary>-bi, newaliases: check the aliases.</summary>
    Aliases,

    /// <summary>-q: have what waits tried now.</summary>
    Flush,
}

/// <summary>The command line of sendmail, as programs have written it for forty years.</summary>
/// <remarks>
/// Options of one letter, whose argument may be attached or follow; several letters without arguments may share a dash. What only concerned how sendmail itself worked
/// (-o, -O, -d, -X, -A and others) is read and left. An option that nobody knows is refused, for its argument would be taken for a recipient.
/// </remarks>
internal sealed class SendmailOptions
{
    private const string WithArgument = "ABCDFLNOPRVXbdfhopr";
    private const string Alone = "GIUimntvxsE";

    private readonly List<string> _operands = [];

    private SendmailOptions(SendmailMode mode) => Mode = mode;

    public SendmailMode Mode { get; private set; }

    /// <summary>Recipients on the command line: lists of addresses, as they stand there.</summary>
    public IReadOnlyList<string> Recipients => _operands;

    /// <summary>-t: recipients are also those of To, Cc and Bcc.</summary>
    public bool RecipientsFromHeader { get; private set; }

    /// <summary>-i: a line with a dot alone is text.</summary>
    public bool IgnoresDots { get; private set; }

    /// <summary>-f: the sender of the envelope; empty or <c>&lt;&gt;</c>: nobody. Null: the user who calls.</summary>
    public string? Sender { get; private set; }

    /// <summary>-F: the sender's full name.</summary>
    public string? FullName { get; private set; }

    /// <summary>-C: the configuration file.</summary>
    public string? ConfigurationFile { get; private set; }

    /// <summary>-N.</summary>
    public DsnNotify? Notify { get; private set; }

    /// <summary>-R.</summary>
    public DsnReturn? Return { get; private set; }

    /// <summary>-V.</summary>
    public string? EnvelopeId { get; private set; }

    /// <summary>The domain or queue id that -q names (<c>-qRdomain</c>, <c>-qIid</c>); null: all.</summary>
    public string? Flushed { get; private set; }

    /// <summary>Reads a command line.</summary>
    /// <param name="mode">What the program's name asks for.</param>
    /// <param name="arguments">The command line without the program's name.</param>
    /// <exception cref="CommandFailedException">It is wrong.</exception>
    public static SendmailOptions Parse(SendmailMode mode, IReadOnlyList<string> arguments)
    {
        SendmailOptions options = new(mode);
        for (int i = 0; i < arguments.Count; i++)
        {
            string argument = arguments[i];
            if (argument == "--")
            {
                options._operands.AddRange(arguments.Skip(i + 1));
                break;
            }

            if (argument.Length < 2 || argument[0] != '-')
                options._operands.Add(argument);
            else
                i += options.ReadLetters(argument, i + 1 < arguments.Count ? arguments[i + 1] : null);
        }

        return options;
    }

    /// <returns>How many further arguments were used.</returns>
    private int ReadLetters(string argument, string? next)
    {
        for (int at = 1; at < argument.Length; at++)
        {
            char letter = argument[at];
            if (letter == 'q')
            {
                ReadQueueRun(argument[(at + 1)..]);
                return 0;
            }

            if (WithArgument.Contains(letter, StringComparison.Ordinal))
            {
                bool isAttached = at + 1 < argument.Length;
                Take(letter, isAttached ? argument[(at + 1)..] : next ?? throw Usage($"option -{letter} needs an argument"));
                return isAttached ? 0 : 1;
            }

            if (!Alone.Contains(letter, StringComparison.Ordinal))
                throw Usage($"unknown option -{letter}");
            RecipientsFromHeader |= letter == 't';
            IgnoresDots |= letter == 'i';
            if (letter == 'I')
                Mode = SendmailMode.Aliases;
        }

        return 0;
    }

    private void Take(char letter, string value)
    {
        switch (letter)
        {
            case 'f' or 'r': Sender = value is "<>" ? "" : value; break;
            case 'F': FullName = value; break;
            case 'C': ConfigurationFile = value; break;
            case 'o': IgnoresDots |= value == "i"; break; // -oi and -o i; all others were about sendmail itself
            case 'O': IgnoresDots |= value.Equals("IgnoreDots=true", StringComparison.OrdinalIgnoreCase); break;
            case 'N': Notify = NotifyOf(value); break;
            case 'R': Return = value.ToLowerInvariant() switch { "full" => DsnReturn.Full, "hdrs" => DsnReturn.Headers, _ => throw Usage("-R takes full or hdrs") }; break;
            case 'V' when value.Length <= 100 && value.All(static c => c is >= ' ' and < '\x7F'): EnvelopeId = value; break;
            case 'V': throw Usage("-V takes at most 100 printable characters");
            case 'b': Mode = ModeOf(value); break;
            default: break;
        }
    }

    private static DsnNotify NotifyOf(string value)
    {
        DsnNotify notify = DsnNotify.Never;
        foreach (string word in value.Split(','))
        {
            notify |= word.Trim().ToLowerInvariant() switch
            {
                "never" when value.Length == "never".Length => DsnNotify.Never,
                "success" => DsnNotify.Success,
                "failure" => DsnNotify.Failure,
                "delay" => DsnNotify.Delay,
                _ => throw Usage("-N takes never, or a list of success, failure and delay"),
            };
        }

        return notify;
    }

    private static SendmailMode ModeOf(string value) => value switch
    {
        "m" => SendmailMode.Send,
        "s" => SendmailMode.Session,
        "S" => SendmailMode.Batch,
        "p" => SendmailMode.List,
        "i" => SendmailMode.Aliases,
        "d" or "D" => throw Usage("the server is started by: fullstack serve --config FILE"),
        _ => throw Usage($"-b{value} is not known here"),
    };

    /// <summary><c>-q</c>, <c>-q15m</c>, <c>-qIid</c>, <c>-qRdomain</c>.</summary>
    private void ReadQueueRun(string attached)
    {
        Mode = SendmailMode.Flush;
        if (attached.Length > 1 && attached[0] is 'I' or 'R')
            Flushed = attached[1..].TrimStart('@');
        else if (attached.Length > 0 && !char.IsAsciiDigit(attached[0]))
            throw Usage($"-q{attached} is not known here");
    }

    private static CommandFailedException Usage(string text) => new(ExitCode.Usage, text);
}
