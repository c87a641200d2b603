using System.Diagnostics;
using FullStack.Harness;
using FullStack.Queue.Aliases;

namespace FullStack.Unit.Queue.Aliases;

public sealed class AliasTableTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Lists_that_are_included_are_checked_too_and_problems_name_them()
    {
        string list = Write("list", "alice\nbob@\n");
        Assert.Null(Load($"a: :include:{list}\n", out List<AliasProblem> problems));
        Assert.Equal((list, 2), (problems[0].File, problems[0].Line));
        Write("list", "alice\n");
        Assert.Equal(1, Load($"a: :include:{list}\n", out problems)!.Count);
        Assert.Null(Load("a: b\n\nb: :include:/no/such/list\n", out problems));
        Assert.Contains("no such file", Assert.Single(problems).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_that_include_each_other_are_found()
    {
        string one = _folder.File("one"), two = _folder.File("two");
        Write("one", $":include:{two}\n");
        Write("two", $"x\n:include:{one}\n");
        Assert.Null(Load($"a: :include:{one}\n", out List<AliasProblem> problems));
        Assert.Contains($"{one} includes itself", Assert.Single(problems).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Names_compare_without_case()
    {
        AliasTable table = Load("MAILER-Daemon: postmaster\n", out _)!;
        Assert.Equal("postmaster", Assert.Single(table.Find("mailer-DAEMON")!.Targets).ToString());
        Assert.Null(table.Find("postmaster"));
    }

    [Fact]
    public void A_file_that_is_not_text_or_too_large_is_refused()
    {
        File.WriteAllBytes(_folder.File("aliases"), [0x61, 0x3A, 0xFF]);
        List<AliasProblem> problems = [];
        Assert.Null(AliasTable.Load(_folder.File("aliases"), problems));
        Assert.Contains("UTF-8", Assert.Single(problems).Text, StringComparison.Ordinal);
    }

    /// <summary>Opening a pipe waits for somebody who writes to it; nobody ever does.</summary>
    [Theory]
    [InlineData("pipe")]
    [InlineData("folder")]
    [InlineData("/dev/zero")]
    [InlineData("link")]
    public void What_is_no_file_is_no_list(string kind)
    {
        string path = kind[0] == '/' ? kind : _folder.File(kind);
        if (kind == "folder")
            Directory.CreateDirectory(path);
        else if (kind == "link")
            File.CreateSymbolicLink(path, path);
        else if (kind == "pipe")
            using (Process made = Process.Start("mkfifo", [path]))
                made.WaitForExit();
        List<AliasProblem> problems = [];
        Assert.Null(new TargetFiles().ReadIncluded(path, problems));
        Assert.Equal(path, Assert.Single(problems).File);
    }

    [Fact]
    public void A_list_behind_a_symbolic_link_is_read_and_nothing_is_an_empty_one()
    {
        Assert.Empty(new TargetFiles().ReadIncluded("/dev/null", [])!);
        File.CreateSymbolicLink(_folder.File("link"), Write("list", "alice\n"));
        Assert.Equal("alice", Assert.Single(new TargetFiles().ReadIncluded(_folder.File("link"), [])!).ToString());
    }

    [Fact]
    public void A_list_that_breaks_stays_as_it_was()
    {
        TargetFiles files = new();
        string list = Write("list", "alice\n");
        List<AliasProblem> problems = [];
        Assert.Equal("alice", Assert.Single(files.ReadIncluded(list, problems)!).ToString());
        Write("list", "alice,\nbob, <carol\n");
        Assert.Equal("alice", Assert.Single(files.ReadIncluded(list, problems)!).ToString());
        Assert.Equal(2, Assert.Single(problems).Line);
        Write("list", "dora@example.org, and more\n".Replace(", and more", "", StringComparison.Ordinal));
        problems.Clear();
        Assert.Equal("dora@example.org", Assert.Single(files.ReadIncluded(list, problems)!).ToString());
        Assert.Equal([], problems);
    }

    private AliasTable? Load(string text, out List<AliasProblem> problems)
    {
        problems = [];
        return AliasTable.Load(Write("aliases", text), problems);
    }

    private string Write(string name, string text)
    {
        File.WriteAllText(_folder.File(name), text);
        return _folder.File(name);
    }
}
