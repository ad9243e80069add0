/// The release that all programs of this tree belong to. The one place where it is written: `version`, HELLO, manual pages and the
/// package take it from here.
package enum Release {
    /// `MAJOR.MINOR`, digits and full stops only: it is a Debian version, too.
    package static let version = "0.1"
    /// The day of the release, for the foot of manual pages and the package's changelog.
    package static let day = "2026-11-27"
}
