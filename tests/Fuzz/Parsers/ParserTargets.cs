namespace FullStack.Fuzz.Parsers;

/// <summary>All that reads what others wrote, in one list. A new parser is one line in the file of its subject; <see cref="ParserListTests"/> misses it until then.</summary>
internal static class ParserTargets
{
    public static IReadOnlyDictionary<string, ParserTarget> All { get; } = new[]
    {
        MimeTargets.All, SmtpTargets.All, ImapTargets.All, Pop3Targets.All, AuthTargets.All, DnsTargets.All, StoreTargets.All, TakeoverTargets.All, QueueTargets.All, ServerTargets.All,
    }.SelectMany(static targets => targets).ToDictionary(static target => target.Name);

    /// <summary>All names, or those that begin with what <c>FUZZ_TARGET</c> says.</summary>
    public static TheoryData<string> Names => [.. All.Keys.Where(static name => name.StartsWith(Environment.GetEnvironmentVariable("FUZZ_TARGET") ?? "", StringComparison.Ordinal))];
}
