using System.Diagnostics.CodeAnalysis;
using FullStack.Smtp.Grammar;

namespace FullStack.Smtp.Commands;

/// <summary>The parameters of RCPT.</summary>
/// <remarks>NOTIFY, ORCPT: RFC 3461 §4.1, §4.2. RRVS: RFC 7293 §3.1.</remarks>
internal sealed record RcptParameters : CommandParameters
{
    public static ParameterTable<RcptParameters> Table { get; } = new(
        new("NOTIFY", "NOTIFY=NEVER|SUCCESS,FAILURE,DELAY", static _ => true,
            static (read, parameter) => DsnGrammar.ReadNotify(parameter.Value) is { } notify ? read with { Notify = notify } : null),
        new("ORCPT", "ORCPT=type;address", static _ => true,
            static (read, parameter) => DsnGrammar.ReadOriginalRecipient(parameter.Value) is { } original ? read with { Original = original } : null),
        new("RRVS", "RRVS=date-time[;C|R]", static session => session.Server.Environment.History is not null, ReadValidSince));

    private static RcptParameters None { get; } = new();

    public DsnNotify? Notify { get; init; }

    public OriginalRecipient? Original { get; init; }

    /// <summary>The message is only for whoever has had the address since then.</summary>
    public DateTimeOffset? ValidSince { get; init; }

    /// <summary>Hosts that cannot tell may have it all the same.</summary>
    public bool ValidSinceMayLapse { get; init; }

    public RecipientDsn Dsn => Notify is null && Original is null ? RecipientDsn.Default : new(Notify, Original);

    public static bool TryRead(ref SmtpReader reader, [NotNullWhen(true)] out RcptParameters? parameters) => Table.TryRead(ref reader, None, out parameters);

    // rrvs-param = "RRVS=" date-time [ ";" ( "C" / "R" ) ]: without support elsewhere, continue or refuse
    private static RcptParameters? ReadValidSince(RcptParameters read, SmtpParameter parameter)
    {
        ReadOnlySpan<byte> value = parameter.Value;
        bool mayLapse = value is [.., (byte)';', (byte)'C' or (byte)'c'];
        if (mayLapse || value is [.., (byte)';', (byte)'R' or (byte)'r'])
            value = value[..^2];
        return InternetDate.TryRead(value, out DateTimeOffset since) ? read with { ValidSince = since, ValidSinceMayLapse = mayLapse } : null;
    }
}
