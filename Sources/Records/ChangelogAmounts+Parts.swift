import Objectives

extension ChangelogAmounts {
    /// How many slices, cells and traces there are: what can be shared out over several records.
    package var itemCount: Int {
        objectives.reduce(0) { $0 + $1.slices.count + $1.groups.reduce(0) { $0 + $1.slices.count } }
            + rollups.reduce(0) { $0 + $1.cells.count } + traces.count
    }

    /// The same with large cells as several that add up to them.
    package func withCells(bytesMax: Int) -> ChangelogAmounts {
        var amounts = self
        for place in amounts.rollups.indices {
            amounts.rollups[place].cells = amounts.rollups[place].cells.flatMap { cell in
                cell.jsonByteCount <= bytesMax ? [cell] : cell.pieces(bytesMax: bytesMax)
            }
        }
        return amounts
    }

    /// The same in pieces of at most so many of these. An objective or a rollup may begin in one piece and end in another.
    package func split(itemsMax: Int) -> [ChangelogAmounts] {
        precondition(itemsMax > 0, "a piece has room for something")
        var pieces: [ChangelogAmounts] = []
        var room = 0
        /// Hands out ranges of `count` items that have room in the last piece.
        func share(_ count: Int, _ put: (Range<Int>, inout ChangelogAmounts) -> Void) {
            var start = 0
            while start < count {
                if room == 0 {
                    pieces.append(ChangelogAmounts())
                    room = itemsMax
                }
                let end = min(count, start + room)
                put(start..<end, &pieces[pieces.count - 1])
                room -= end - start
                start = end
            }
        }
        for objective in objectives {
            share(objective.slices.count) { range, piece in
                var part = objective
                part.slices = Array(objective.slices[range])
                part.groups = []
                piece.objectives.append(part)
            }
            for group in objective.groups {
                share(group.slices.count) { range, piece in
                    piece.add(GroupAmounts(group: group.group, slices: Array(group.slices[range])), of: objective)
                }
            }
        }
        for rollup in rollups {
            share(rollup.cells.count) { range, piece in
                piece.rollups.append(RollupAmounts(rollup: rollup.rollup, cells: Array(rollup.cells[range])))
            }
        }
        share(traces.count) { range, piece in piece.traces += traces[range] }
        return pieces
    }

    /// What was split, each objective and each rollup whole again.
    package init(joining pieces: [ChangelogAmounts]) {
        self = pieces.first ?? ChangelogAmounts()
        for piece in pieces.dropFirst() {
            for objective in piece.objectives {
                guard objectives.last?.history == objective.history else {
                    objectives.append(objective)
                    continue
                }
                objectives[objectives.count - 1].slices += objective.slices
                for group in objective.groups { add(group, of: objective) }
            }
            for rollup in piece.rollups {
                if rollups.last?.rollup == rollup.rollup {
                    rollups[rollups.count - 1].cells += rollup.cells
                } else {
                    rollups.append(rollup)
                }
            }
            traces += piece.traces
        }
    }

    /// Adds what a group has behind what there is: to the same group's, where that is the last.
    private mutating func add(_ group: GroupAmounts, of objective: ObjectiveAmounts) {
        if objectives.last?.history != objective.history {
            var part = objective
            (part.slices, part.groups) = ([], [])
            objectives.append(part)
        }
        let place = objectives.count - 1
        if objectives[place].groups.last?.group == group.group {
            objectives[place].groups[objectives[place].groups.count - 1].slices += group.slices
        } else {
            objectives[place].groups.append(group)
        }
    }
}
