using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;
using FullStack.Harness;

namespace FullStack.Architecture;

/// <summary>Who may know whom. docs/design.md has the reasons.</summary>
public sealed class DependencyTests
{
    private static readonly Dictionary<string, string[]> s_allowed = new()
    {
        ["Mime"] = [],
        ["Dns"] = [],
        ["Net"] = [],
        ["Auth"] = [],
        ["Store"] = ["Mime"],
        ["Sieve"] = ["Mime"],
        ["Smtp"] = ["Net", "Auth", "Mime"],
        ["Pop3"] = ["Net", "Store", "Auth"],
        ["Imap"] = ["Net", "Store", "Auth", "Mime"],
        ["Queue"] = ["Smtp", "Store", "Auth", "Dns", "Mime"],
        ["Server"] = ["Mime", "Dns", "Net", "Auth", "Store", "Sieve", "Smtp", "Pop3", "Imap", "Queue"],
    };

    public static TheoryData<string> Projects => [.. Directory.EnumerateDirectories(SourceTree.PathOf("src")).Select(static folder => Path.GetFileName(folder)).Order()];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_files_refer_only_downwards(string project)
    {
        string[] allowed = AllowedTo(project);
        string file = SourceTree.PathOf("src", project, project + ".csproj");
        IEnumerable<string> referred = XDocument.Load(file).Descendants("ProjectReference")
            .Select(static reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));
        Findings.None($"{project} may refer to {string.Join(' ', allowed)} only:", referred.Except(allowed));
    }

    /// <summary>A reference that came along through another project is one, too.</summary>
    [Theory]
    [MemberData(nameof(Projects))]
    public void Code_uses_only_what_its_project_may_know(string project)
    {
        string[] allowed = AllowedTo(project);
        IEnumerable<string> used = ReferencesOf(project)
            .Where(static name => name.StartsWith("FullStack.", StringComparison.Ordinal))
            .Select(static name => name["FullStack.".Length..]);
        Findings.None($"{project} may use {string.Join(' ', allowed)} only:", used.Except(allowed));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Only_the_server_knows_the_web_framework(string project)
    {
        if (project == "Server")
            return;
        Findings.None($"{project} uses types of ASP.NET Core:", ReferencesOf(project).Where(static name => name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_package_has_its_line_in_the_documentation()
    {
        string documentation = File.ReadAllText(SourceTree.PathOf("docs", "dependencies.md"));
        IEnumerable<string> packages = XDocument.Load(SourceTree.PathOf("Directory.Packages.props")).Descendants("PackageVersion")
            .Select(static package => (Name: package.Attribute("Include")!.Value, Version: package.Attribute("Version")!.Value))
            .Where(package => !documentation.Contains($"`{package.Name}` | {package.Version} |", StringComparison.Ordinal))
            .Select(static package => $"{package.Name} {package.Version}");
        Findings.None("docs/dependencies.md does not name, in this version:", packages);
    }

    private static string[] AllowedTo(string project)
        => s_allowed.TryGetValue(project, out string[]? allowed) ? allowed : throw new ArgumentException($"{project} is not in the table of who may know whom");

    private static string[] ReferencesOf(string project)
    {
        string assembly = Path.Combine(AppContext.BaseDirectory, project == "Server" ? "fullstack.dll" : $"FullStack.{project}.dll");
        using PEReader file = new(File.OpenRead(assembly));
        MetadataReader metadata = file.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))];
    }
}
