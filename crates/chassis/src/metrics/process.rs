//! What this process uses, as the kernel tells it under `/proc/self`. Elsewhere nothing is told.

/// Ticks a second of the kernel's process times, the same on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// Seconds of processor time: in the program itself, and in the kernel for it.
pub(super) fn cpu_seconds() -> Option<(f64, f64)> {
    times(&std::fs::read_to_string("/proc/self/stat").ok()?)
}

/// Bytes of memory in use.
pub(super) fn memory_bytes() -> Option<i64> {
    resident(&std::fs::read_to_string("/proc/self/status").ok()?)
}

/// Fields 14 and 15; counted from behind the program's name, which may hold spaces.
fn times(stat: &str) -> Option<(f64, f64)> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut times = fields.split(' ').skip(11).map(str::parse::<f64>);
    let user = times.next()?.ok()?;
    let system = times.next()?.ok()?;
    Some((user / TICKS_PER_SECOND, system / TICKS_PER_SECOND))
}

fn resident(status: &str) -> Option<i64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: i64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_text_is_read() {
        let stat = "7 (a (b) c) S 1 7 7 0 -1 4194560 9 0 0 0 250 50 0 0 20 0 1 0 5 6 7";
        assert_eq!(times(stat), Some((2.5, 0.5)));
        assert_eq!(times("nothing"), None);
        assert_eq!(resident("Name:\todr\nVmRSS:\t    12 kB\n"), Some(12_288));
        assert_eq!(resident(""), None);
    }
}
