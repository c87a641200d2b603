using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FullStack.Dns;
using FullStack.Server.Configuration;
using FullStack.Server.Tls;
using FullStack.Server.Zone;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Server.Cli;

/// <summary>fullstack dns: the records that a domain wants in DNS, and whether they are there.</summary>
internal static class DnsCommand
{
    public static Command Create(Terminal terminal, ConfigurationOptions options)
    {
        Argument<string> domain = DomainCommand.DomainArgument();
        Option<bool> zone = new("--zone") { Description = "Print lines for a zone file." };
        Option<bool> check = new("--check") { Description = "Compare with what DNS says now; exit code 1 where something is missing." };
        Option<bool> json = Listing.JsonOption();
        Command command = new("dns", "Print the DNS records that a domain wants for its mail, each with what it is good for.") { domain, zone, check, json };
        command.SetAction((line, ct) =>
        {
            if (!ValueForms.Domain.TryParse(line.GetRequiredValue(domain), out string name))
                throw new CommandFailedException(ExitCode.Usage, $"DOMAIN: expected {ValueForms.Domain.Expected}");
            ServerConfiguration configuration = options.Load(line, terminal).Configuration!;
            using X509Certificate2? certificate = CertificateInUse(configuration);
            IReadOnlyList<AdvisedRecord> records = DomainRecords.Of(name, configuration, DomainRecords.OwnAddresses(), certificate);
            return PrintAsync(terminal, configuration, records, (line.GetValue(zone), line.GetValue(check), line.GetValue(json)), ct);
        });
        return command;
    }

    private static async Task<int> PrintAsync(
        Terminal terminal, ServerConfiguration configuration, IReadOnlyList<AdvisedRecord> records, (bool Zone, bool Check, bool Json) wanted, CancellationToken ct)
    {
        IReadOnlyList<RecordFinding>? findings = wanted.Check ? await CheckAsync(configuration, records, ct) : null;
        Listing listing = findings is null ? new("name", "type", "data", "why") : new("state", "name", "type", "data", "found", "why");
        for (int i = 0; i < records.Count; i++)
        {
            AdvisedRecord record = records[i];
            if (wanted.Zone)
                terminal.Output.WriteLine($"; {record.Why}{(findings is null ? "" : $" [{findings[i].Found}]")}\n{record.ZoneLine}");
            else if (findings is null)
                listing.Add(record.Name, record.TypeName, record.Data, record.Why);
            else
                listing.Add(findings[i].IsThere ? "ok" : "missing", record.Name, record.TypeName, record.Data, findings[i].Found, record.Why);
        }

        if (!wanted.Zone)
            listing.Print(terminal.Output, wanted.Json);
        return findings?.All(static finding => finding.IsThere) == false ? ExitCode.Failed : ExitCode.Ok;
    }

    private static async Task<IReadOnlyList<RecordFinding>> CheckAsync(ServerConfiguration configuration, IReadOnlyList<AdvisedRecord> records, CancellationToken ct)
    {
        using Resolver resolver = new(configuration.Dns, TimeProvider.System, NullLogger<Resolver>.Instance);
        RecordCheck check = new(resolver);
        return await Task.WhenAll(records.Select(record => check.CheckAsync(record, ct)));
    }

    /// <summary>The certificate that clients get who name no host; null: there is none yet.</summary>
    internal static X509Certificate2? CertificateInUse(ServerConfiguration configuration)
    {
        string file = CertificateCatalog.FilesOf(configuration)[0].Certificate;
        try
        {
            return File.Exists(file) ? X509Certificate2.CreateFromPem(File.ReadAllText(file)) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new CommandFailedException(ExitCode.Failed, $"{file}: {e.Message}");
        }
    }
}
