using FullStack.Auth.Backends;
using FullStack.Queue.Masquerading;
using FullStack.Queue.Routing;
using FullStack.Smtp;
using FullStack.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Server.Cli;

/// <summary>What an administrator should know of addresses that mail gets on its way out: replies and notices come to them.</summary>
internal static class MasqueradeFindings
{
    /// <summary>Most findings told.</summary>
    private const int Most = 20;

    /// <param name="configuration">The configuration.</param>
    /// <param name="accounts">Who is here.</param>
    /// <param name="ct">Ends the work.</param>
    /// <exception cref="DirectoryUnavailableException">A directory cannot be asked now.</exception>
    public static async Task<IReadOnlyList<string>> FindAsync(ServerConfiguration configuration, AccountBackends accounts, CancellationToken ct)
    {
        MasqueradeOptions options = configuration.Routing.Masquerade;
        Masquerade masquerade = new(options, configuration.Routing.DetailSeparator);
        AddressExplanation explanation = new(accounts, configuration.Routing, account => StoreRoot.FolderOf(configuration.MailFolder, account), NullLogger.Instance);
        List<string> findings = [];
        IEnumerable<string> folded = options.Domains.Where(static domain => !domain.StartsWith('!'));
        foreach (string domain in folded.Concat(options.Table.Results.Select(static result => result.Domain)).Distinct())
        {
            if (await explanation.ExplainAsync(new("postmaster", domain), ct) is null)
                findings.Add($"masquerade: {domain} is no domain of this server: what is answered to addresses of it goes wherever its mail goes");
        }

        foreach (MailboxAddress result in options.Table.Results.Where(static result => result.LocalPart.Length > 0))
        {
            if (findings.Count >= Most)
                break;
            if (await explanation.ExplainAsync(result, ct) is (_, { IsEmpty: true }))
                findings.Add($"masquerade.file: nobody has {result}: what is answered to mail from it is refused");
            if (masquerade.OutsideOf(result) is { } further)
                findings.Add($"masquerade.file: {result} would itself become {further}, but an address changes only once");
        }

        return findings;
    }
}
