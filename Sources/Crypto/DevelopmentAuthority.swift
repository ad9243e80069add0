/// Authorities of development, told by their own certificates: `twolists ca dev` alone makes them, with this URI among the subject's alternative
/// names. An authority is given none by anybody else, by accident least of all. A demonstration clock is trusted under such authorities only: what
/// is shown under it can never be taken for the city's.
package enum DevelopmentAuthority {
    package static let mark = "urn:twolists:development-authority"
}

extension Certificate {
    /// An authority's certificate that says it is of development.
    package var isDevelopmentAuthority: Bool {
        isAuthority && uris.contains { $0.elementsEqual(DevelopmentAuthority.mark.utf8) }
    }
}

extension TrustStore {
    /// Every authority is of development: one that is not, beside them, vouches for real certificates.
    package var isOfDevelopment: Bool {
        !authorities.isEmpty && authorities.allSatisfy(\.isDevelopmentAuthority)
    }

    /// The same of a CA file's content, PEM; what cannot be read is of no development.
    package static func isOfDevelopment(contents: [UInt8]) -> Bool {
        guard let authorities = try? authorities(contents: contents, what: "CA file") else { return false }
        return (try? TrustStore(authorities: authorities))?.isOfDevelopment ?? false
    }
}
