using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using FullStack.Auth.Backends;
using FullStack.Auth.Passwords;
using FullStack.Server.Cli;
using FullStack.Server.Configuration;
using FullStack.Server.Hosting;
using FullStack.Server.Tls;

namespace FullStack.Server.Quickstart;

/// <summary>The folder of a demo: configuration, data, the account's password, a muttrc. Each part is made once and kept.</summary>
internal sealed class DemoFolder(string path)
{
    public const string DefaultDomain = "example.test";

    /// <summary>Added to the standard ports where those may not be bound.</summary>
    public const int PortOffset = 2000;

    /// <summary>Where mail programs get their settings: 80, raised in any case, for it often has a server of its own.</summary>
    private const int WebPort = 80 + PortOffset;

    private const string UserName = "demo";
    private const string PasswordAlphabet = "abcdefghjkmnpqrstuvwxyz23456789"; // nothing that looks like something else

    private readonly string _path = System.IO.Path.GetFullPath(path);

    public string ConfigurationPath => System.IO.Path.Combine(_path, ConfigurationOptions.FileName);

    /// <summary>Where the account's password is kept, for its owner to read.</summary>
    public string AccountPath => System.IO.Path.Combine(_path, "account.txt");

    public string MuttrcPath => System.IO.Path.Combine(_path, "muttrc");

    /// <summary>The account's address; set once the account is prepared.</summary>
    public string Address { get; private set; } = "";

    /// <summary>The account's password; null where it is no longer in <see cref="AccountPath"/>.</summary>
    public string? Password { get; private set; }

    /// <summary>Which ports may be bound.</summary>
    public Func<IPEndPoint, bool> MayBind { get; init; } = TryBind;

    /// <summary>Makes the configuration file where there is none, and reads it.</summary>
    /// <exception cref="CommandFailedException">The folder is for another domain.</exception>
    public ConfigurationFile PrepareConfiguration(string? domain, Steps steps)
    {
        if (File.Exists(ConfigurationPath))
        {
            ConfigurationFile existing = ConfigurationFile.Load(ConfigurationPath);
            if (domain is not null && existing.Configuration is { } configuration && !configuration.Domains.Contains(domain))
                throw new CommandFailedException(
                    ExitCode.Usage, $"{_path} is a demo for {string.Join(", ", configuration.Domains)}; name another folder with --data for {domain}");
            steps.Note($"configuration is there already: {ConfigurationPath}");
            return existing;
        }

        PrivateFolder.Make(_path);
        bool areFree = ListenerConfiguration.OnHost("localhost", 0).SelectMany(static l => l.Address.EndPoints()).OfType<IPEndPoint>().All(MayBind);
        int offset = areFree ? 0 : PortOffset;
        if (offset != 0)
            steps.Note($"the standard ports may not be used here: each is raised by {PortOffset}");
        PrivateFolder.WriteFile(ConfigurationPath, ConfigurationText(domain ?? DefaultDomain, offset));
        steps.Done($"wrote the configuration: {ConfigurationPath}");
        return ConfigurationFile.Load(ConfigurationPath);
    }

    /// <summary>Makes the TLS key and certificate where there are none.</summary>
    public void PrepareCertificate(ServerConfiguration configuration, Steps steps)
    {
        if (configuration.Tls.Default is not null)
            return;
        string certificate = SelfSignedCertificate.FilesIn(configuration.TlsFolder).Certificate;
        if (SelfSignedCertificate.MakeIfMissing(configuration.TlsFolder, configuration.HostName, TimeProvider.System.GetUtcNow()))
            steps.Done($"made a TLS key and a certificate: {certificate}");
        else
            steps.Note($"TLS certificate is there already: {certificate}");
    }

    /// <summary>Makes the domain and its account where there are none.</summary>
    public void PrepareAccount(ServerConfiguration configuration, Steps steps)
    {
        string domain = configuration.Domains.Count > 0 ? configuration.Domains[0] : DefaultDomain;
        Address = $"{UserName}@{domain}";
        using AccountDirectory directory = new(configuration.DirectoryFile);
        if (directory.AddDomain(domain) == DirectoryOutcome.Done)
            steps.Done($"made the domain {domain}");
        if (directory.FindUser(Address) is not null)
        {
            Password = KeptPassword();
            steps.Note($"account {Address} is there already; "
                + (Password is null ? $"`fullstack user passwd {Address} --data {_path}` gives it another password" : $"its password is in {AccountPath}"));
            return;
        }

        string password = KeptPassword() ?? NewPassword();
        // The file first: an account whose password nobody knows would be the worse half to be left with.
        PrivateFolder.WriteFile(AccountPath, $"address: {Address}\npassword: {password}\n");
        directory.AddUser(Address, PasswordHash.Create(password)).Require(Address);
        Password = password;
        steps.Done($"made the account {Address}; its password is kept in {AccountPath}");
    }

    private static string ConfigurationText(string domain, int offset)
    {
        IEnumerable<string> listeners = ListenerConfiguration.OnHost("localhost", offset).Select(ListenersSetting.Line);
        return $"""
            # A demo made by `fullstack quickstart`. It listens on this host only.
            # `fullstack check --describe` prints every key with its meaning and its default.
            hostname: mail.{domain}
            data: ./data
            domains: [{YamlText.Scalar(domain)}]
            listeners:
            {string.Join('\n', listeners)}
            # Settings for mail programs.
            web:
              listeners:
            {WebListenersSetting.Line(new WebListener(new ListenAddress("localhost", WebPort)))}

            """;
    }

    private static string NewPassword()
        => string.Join('-', Enumerable.Range(0, 4).Select(static _ => RandomNumberGenerator.GetString(PasswordAlphabet, 4)));

    /// <summary>Whether a port can be bound now.</summary>
    public static bool TryBind(IPEndPoint endPoint)
    {
        try
        {
            using Socket probe = new(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            probe.Bind(endPoint);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private string? KeptPassword()
    {
        if (!File.Exists(AccountPath))
            return null;
        string[] lines = File.ReadAllLines(AccountPath);
        const string Label = "password: ";
        return lines.Contains($"address: {Address}") ? Array.Find(lines, static l => l.StartsWith(Label, StringComparison.Ordinal))?[Label.Length..] : null;
    }
}
