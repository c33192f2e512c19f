import org.apache.cassandra.utils.Clock;

/** A server whose clock was set back: by the milliseconds of the property `live.clock.behind`. */
public final class ClockBehind implements Clock {
    private static final long BEHIND = Long.getLong("live.clock.behind", 0L);

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public long currentTimeMillis() {
        return System.currentTimeMillis() - BEHIND;
    }
}
