extension State {
    /// An event that cannot follow from what was applied before: the journal is not what was written, or a program changed its
    /// meaning. Serving on would spread it, so the process ends here, saying which record it was and what to do. Not a
    /// precondition: a release build would lose its words.
    func corruption(_ what: StaticString) -> Never {
        fatalError(  // corruption: apply never refuses, see above
            """
            the journal does not fit together: \(what), in the record after sequence \(lastSequence).
            Nothing was changed. Check the store with `twolists-server verify`, keep a copy of it, and restore the last good backup.
            If this start began at a snapshot, remove the snapshots, or start with `--no-snapshots`, before anything else.
            """)
    }
}
