import type { Row } from '../panel.ts';
import { NAME, of, rate } from '../promql.ts';

const max = (metric: string, matchers?: string): string => `max by (namespace, function) (${of(metric, matchers)})`;
const value = (window: string): string =>
  `max by (namespace, function, metric) (${of('lull_autoscaler_metric_value', `window="${window}"`)})`;
const TARGET = `max by (namespace, function, metric) (${of('lull_autoscaler_metric_target')})`;
const WHAT = `${NAME} {{metric}}`;

export const scaling: Row = {
  title: 'Scaling',
  panels: [
    {
      title: 'Demand and what the pods are meant to carry',
      description:
        'What the number of pods follows: requests held and running (concurrency), requests a second (rps), or a query of your own; mean over the stable window. Dashed: the ' +
        'target of one pod times the pods that are ready. Above it, pods are missing.',
      unit: 'short',
      width: 12,
      queries: [
        { expr: value('stable'), legend: WHAT },
        {
          expr: `${TARGET} * on (namespace, function) group_left () ${max('lull_autoscaler_ready_pods')}`,
          legend: `${WHAT}: carried`,
          bound: true,
        },
      ],
    },
    {
      title: 'Pods',
      description:
        'Wanted by the autoscaler, told to the Deployment, and ready. Dashed: the floor in force, schedules included, and spec.scale.max.',
      unit: 'short',
      width: 12,
      queries: [
        { expr: max('lull_autoscaler_desired_pods'), legend: `${NAME} desired` },
        { expr: max('lull_autoscaler_actual_pods'), legend: `${NAME} actual` },
        { expr: max('lull_autoscaler_ready_pods'), legend: `${NAME} ready` },
        { expr: max('lull_autoscaler_min_pods'), legend: `${NAME} min`, bound: true },
        { expr: max('lull_autoscaler_max_pods'), legend: `${NAME} max`, bound: true },
      ],
    },
    {
      title: 'Pods that each metric asks for',
      description:
        'Value by target, over the stable and the panic window. The metric that asks for most wins; a panic window at twice what the pods carry is a burst.',
      unit: 'short',
      width: 12,
      queries: [
        { expr: `${value('stable')} / ${TARGET}`, legend: `${WHAT} stable` },
        { expr: `${value('panic')} / ${TARGET}`, legend: `${WHAT} panic` },
      ],
    },
    {
      title: 'Decisions',
      description:
        'Changes of scale a minute, by direction. Up and down in turn, minute by minute, is a stable window that is too short for this load.',
      unit: 'short',
      width: 12,
      queries: [
        {
          expr: `60 * sum by (namespace, function, direction) (${rate(of('lull_autoscaler_decisions_total'))})`,
          legend: `${NAME} {{direction}}`,
        },
      ],
    },
  ],
};
