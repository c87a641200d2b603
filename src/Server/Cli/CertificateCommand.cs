using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using FullStack.Server.Acme;
using FullStack.Server.Configuration;
using FullStack.Server.Control;
using FullStack.Server.Tls;

namespace FullStack.Server.Cli;

/// <summary>fullstack certificate: which certificates are served, until when, and those that the server gets for itself.</summary>
internal static class CertificateCommand
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(250);

    public static Command Create(Terminal terminal, ConfigurationOptions options) => new("certificate", "Look after certificates.") { List(terminal, options), Renew(terminal, options) };

    private static Command List(Terminal terminal, ConfigurationOptions options)
    {
        Option<bool> json = Listing.JsonOption();
        Command command = new("list", "List certificates: names, where they come from, until when they are good, when one is next asked for, and why there is none.") { json };
        command.SetAction(line =>
        {
            ServerConfiguration configuration = options.Load(line, terminal).Configuration!;
            Listing listing = new("names", "source", "file", "expires", "next", "problem");
            AcmeFolder folder = AcmeFolder.In(configuration);
            Dictionary<CertificateFiles, OrderedCertificate> ordered = configuration.Acme.Certificates.ToDictionary(folder.FilesOf);
            foreach (CertificateFiles files in CertificateCatalog.FilesOf(configuration).Union(ordered.Keys))
                AddTo(listing, files, ordered.GetValueOrDefault(files), configuration);
            listing.Print(terminal.Output, line.GetValue(json));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Renew(Terminal terminal, ConfigurationOptions options)
    {
        Argument<string?> name = new("NAME") { Description = "A name in the certificate; all that are got by ACME if there is none.", Arity = ArgumentArity.ZeroOrOne };
        Option<bool> json = Listing.JsonOption();
        Command command = new("renew", "Have the running server get certificates anew, now. Exit code 1 where one could not be had.") { name, json };
        command.SetAction(async (line, ct) =>
        {
            ServerConfiguration configuration = options.Load(line, terminal).Configuration!;
            JsonObject request = new() { ["command"] = CertificateControl.Renew, [CertificateControl.Name] = line.GetValue(name) };
            string[] asked = [.. (await ControlClient.AskAsync(configuration.Data, request, ct)).AsArray().Select(static one => one!.GetValue<string>())];
            if (asked.Length == 0)
                throw new CommandFailedException(ExitCode.NotFound, $"{line.GetValue(name) ?? "acme.certificates"}: no such certificate is got by ACME");
            while ((await ControlClient.AskAsync(configuration.Data, new() { ["command"] = CertificateControl.Renewing }, ct)).GetValue<bool>())
                await Task.Delay(s_look, terminal.Time, ct);
            return Report(terminal, configuration, asked, line.GetValue(json));
        });
        return command;
    }

    private static int Report(Terminal terminal, ServerConfiguration configuration, string[] asked, bool json)
    {
        AcmeFolder folder = AcmeFolder.In(configuration);
        Listing listing = new("name", "state", "problem");
        bool isWhole = true;
        foreach (OrderedCertificate certificate in configuration.Acme.Certificates.Where(certificate => asked.Contains(certificate.Names[0])))
        {
            RenewalState state = RenewalState.Load(folder.StateOf(certificate));
            isWhole &= state.Failures == 0;
            listing.Add(certificate.Names[0], state.Failures == 0 ? "renewed" : "failed", state.Problem);
        }

        listing.Print(terminal.Output, json);
        return isWhole ? ExitCode.Ok : ExitCode.Failed;
    }

    private static void AddTo(Listing listing, CertificateFiles files, OrderedCertificate? ordered, ServerConfiguration configuration)
    {
        AcmeFolder folder = AcmeFolder.In(configuration);
        string source = ordered is not null ? "acme" : files == SelfSignedCertificate.FilesIn(configuration.TlsFolder) ? "self" : "file";
        RenewalState state = ordered is null ? RenewalState.None : RenewalState.Load(folder.StateOf(ordered));
        (IReadOnlyList<string> names, string expires, string problem) = (ordered?.Names ?? [], "", state.Problem);
        try
        {
            if (File.Exists(files.Certificate))
            {
                using X509Certificate2 certificate = X509Certificate2.CreateFromPem(File.ReadAllText(files.Certificate));
                (names, expires) = (CertificateSet.NamesOf(certificate), Time(certificate.NotAfter));
            }
            else if (problem.Length == 0)
            {
                problem = "not there yet";
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            problem = e.Message;
        }

        listing.Add(names, source, files.Certificate, expires, ordered is null ? "" : NextOf(ordered, folder, configuration), problem);
    }

    private static string NextOf(OrderedCertificate ordered, AcmeFolder folder, ServerConfiguration configuration)
        => CertificateRenewal.NextOf(ordered, folder) is var next && next > DateTimeOffset.MinValue ? Time(next)
            : MailStoreIsOpen(configuration) ? "now" : "when the server runs";

    private static bool MailStoreIsOpen(ServerConfiguration configuration) => Store.StoreRoot.ProcessOf(configuration.Store.Root) is not null;

    private static string Time(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
}
