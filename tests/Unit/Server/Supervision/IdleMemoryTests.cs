using FullStack.Harness;
using FullStack.Server.Supervision;
using FullStack.Store.Posix;

namespace FullStack.Unit.Server.Supervision;

/// <summary>Memory is given back when the server has come to rest after much has been, and not while it works.</summary>
public sealed class IdleMemoryTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly IdleMemory _memory;
    private long _allocated;
    private int _given;

    public IdleMemoryTests() => _memory = new(_time, () => _allocated, () => _given++);

    public void Dispose() => _memory.Dispose();

    [Fact]
    public void A_server_that_works_is_not_stopped_for_it()
    {
        for (int period = 0; period < 100; period++)
            Pass(IdleMemory.AtRest + 1);
        Assert.Equal(0, _given);
    }

    [Fact]
    public void Rest_after_much_work_gives_back_at_once_and_once_more()
    {
        Pass(IdleMemory.Worth);
        Pass(0);
        Assert.Equal(1, _given);
        for (int period = 1; period < IdleMemory.PeriodsUntilAgain; period++)
            Pass(0);
        Assert.Equal(1, _given);
        for (int period = 0; period < 100; period++)
            Pass(0);
        Assert.Equal(2, _given);
    }

    [Fact]
    public void Rest_after_little_work_gives_nothing_back()
    {
        Pass(IdleMemory.Worth - 1);
        Pass(0);
        Assert.Equal(0, _given);
        Pass(1);
        Assert.Equal(1, _given);
    }

    [Fact]
    public void Work_that_begins_again_puts_off_what_was_to_be_done_once_more()
    {
        Pass(IdleMemory.Worth);
        Pass(0);
        Pass(IdleMemory.AtRest + 1);
        for (int period = 0; period < 100; period++)
            Pass(0);
        Assert.Equal(1, _given);
    }

    [Fact]
    public void The_C_library_gives_back_what_it_keeps() => Assert.True(FreedMemory.TryGiveBack());

    private void Pass(long octets)
    {
        _allocated += octets;
        _time.Advance(IdleMemory.Period);
    }
}
