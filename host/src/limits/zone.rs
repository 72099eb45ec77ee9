//! Calendar days of the few time zones in which providers reset their quotas.
//!
//! A table of rules in place of a time-zone crate: the zones are few, their rules have held since 2007.

/// One day, milliseconds.
pub(super) const DAY: i64 = 86_400_000;
const HOUR: i64 = 3_600_000;

/// A time zone at whose midnight a quota starts anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Zone {
    Utc,
    LosAngeles,
    NewYork,
    London,
    Paris,
    Berlin,
    Kolkata,
    Shanghai,
    Singapore,
    Tokyo,
}

impl Zone {
    pub const ALL: [Zone; 10] = [
        Zone::Utc,
        Zone::LosAngeles,
        Zone::NewYork,
        Zone::London,
        Zone::Paris,
        Zone::Berlin,
        Zone::Kolkata,
        Zone::Shanghai,
        Zone::Singapore,
        Zone::Tokyo,
    ];

    /// By its IANA name; `None` if it is not in the table.
    pub fn parse(name: &str) -> Option<Zone> {
        let name = if name == "Etc/UTC" { "UTC" } else { name };
        Zone::ALL
            .into_iter()
            .find(|zone| zone.name().eq_ignore_ascii_case(name))
    }

    /// The IANA name.
    pub fn name(self) -> &'static str {
        match self {
            Zone::Utc => "UTC",
            Zone::LosAngeles => "America/Los_Angeles",
            Zone::NewYork => "America/New_York",
            Zone::London => "Europe/London",
            Zone::Paris => "Europe/Paris",
            Zone::Berlin => "Europe/Berlin",
            Zone::Kolkata => "Asia/Kolkata",
            Zone::Shanghai => "Asia/Shanghai",
            Zone::Singapore => "Asia/Singapore",
            Zone::Tokyo => "Asia/Tokyo",
        }
    }

    /// The calendar day that holds `now_ms`: its midnight and the next one, milliseconds since 1970 UTC.
    /// 23 or 25 hours apart when the clocks change.
    pub fn day(self, now_ms: i64) -> (i64, i64) {
        let day = self.local_day(now_ms);
        (self.midnight(day), self.midnight(day + 1))
    }

    /// The calendar month that holds `now_ms`, as [`Zone::day`].
    pub fn month(self, now_ms: i64) -> (i64, i64) {
        let (year, month, _) = civil(self.local_day(now_ms));
        let (next_year, next) = if month == 12 {
            (year + 1, 1)
        } else {
            (year, month + 1)
        };
        (
            self.midnight(days(year, month, 1)),
            self.midnight(days(next_year, next, 1)),
        )
    }

    fn local_day(self, now_ms: i64) -> i64 {
        now_ms.saturating_add(self.offset(now_ms)).div_euclid(DAY)
    }

    /// The instant at which this local day begins. Clocks never change within an hour of midnight in these
    /// zones, so the standard offset leads close enough to ask for the true one.
    fn midnight(self, day: i64) -> i64 {
        let local = day.saturating_mul(DAY);
        local - self.offset(local - self.standard())
    }

    /// East of Greenwich, milliseconds, without daylight saving.
    fn standard(self) -> i64 {
        match self {
            Zone::Utc | Zone::London => 0,
            Zone::LosAngeles => -8 * HOUR,
            Zone::NewYork => -5 * HOUR,
            Zone::Paris | Zone::Berlin => HOUR,
            Zone::Kolkata => 5 * HOUR + HOUR / 2,
            Zone::Shanghai | Zone::Singapore => 8 * HOUR,
            Zone::Tokyo => 9 * HOUR,
        }
    }

    fn offset(self, now_ms: i64) -> i64 {
        let standard = self.standard();
        let (year, _, _) = civil(now_ms.saturating_add(standard).div_euclid(DAY));
        let summer = match self {
            // The second Sunday of March, 2:00 standard, to the first of November, 2:00 daylight time.
            Zone::LosAngeles | Zone::NewYork => {
                let start = sunday_from(days(year, 3, 8)) * DAY + 2 * HOUR - standard;
                let end = sunday_from(days(year, 11, 1)) * DAY + HOUR - standard;
                start..end
            }
            // The last Sundays of March and October, 1:00 UTC.
            Zone::London | Zone::Paris | Zone::Berlin => {
                let start = sunday_from(days(year, 3, 25)) * DAY + HOUR;
                let end = sunday_from(days(year, 10, 25)) * DAY + HOUR;
                start..end
            }
            _ => 0..0,
        };
        standard + if summer.contains(&now_ms) { HOUR } else { 0 }
    }
}

/// The first Sunday on or after this day; days since 1970, which began on a Thursday.
fn sunday_from(day: i64) -> i64 {
    day + (3 - day).rem_euclid(7)
}

/// Days since 1970 of a date. Years are counted from March, so that the leap day comes last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let from_march = (month + 9) % 12;
    let in_year = (153 * from_march + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + in_year
        - 719_468
}

/// Year, month and day of days since 1970.
pub(crate) fn civil(day: i64) -> (i64, i64, i64) {
    // At or before the year; the loop settles the rest.
    let mut year = 1970 + day.div_euclid(if day < 0 { 365 } else { 366 });
    while days(year + 1, 1, 1) <= day {
        year += 1;
    }
    let mut month = 12;
    while days(year, month, 1) > day {
        month -= 1;
    }
    (year, month, day - days(year, month, 1) + 1)
}
