using System.Diagnostics.CodeAnalysis;
using FullStack.Smtp.Grammar;

namespace FullStack.Smtp.Commands;

/// <summary>The parameters of RCPT.</summary>
/// <remarks>NOTIFY, ORCPT: RFC 3461 §4.1, §4.2.</remarks>
internal sealed record RcptParameters : CommandParameters
{
    public static ParameterTable<RcptParameters> Table { get; } = new(
        new("NOTIFY", "NOTIFY=NEVER|SUCCESS,FAILURE,DELAY", static _ => true,
            static (read, parameter) => DsnGrammar.ReadNotify(parameter.Value) is { } notify ? read with { Notify = notify } : null),
        new("ORCPT", "ORCPT=type;address", static _ => true,
            static (read, parameter) => DsnGrammar.ReadOriginalRecipient(parameter.Value) is { } original ? read with { Original = original } : null));

    private static RcptParameters None { get; } = new();

    public DsnNotify? Notify { get; init; }

    public OriginalRecipient? Original { get; init; }

    public RecipientDsn Dsn => Notify is null && Original is null ? RecipientDsn.Default : new(Notify, Original);

    public static bool TryRead(ref SmtpReader reader, [NotNullWhen(true)] out RcptParameters? parameters) => Table.TryRead(ref reader, None, out parameters);
}
