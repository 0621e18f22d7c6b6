import { type AnyRoute, createRoute } from '@tanstack/react-router';
import { workspaceRoute } from '../../app/root';
import { AwardPage } from './AwardPage';
import { ConversionPage } from './ConversionPage';
import { DisputePage } from './DisputePage';
import { LeadPage } from './LeadPage';
import { StatementPage } from './StatementPage';

const parent = () => workspaceRoute;

/** Pages that every role shares: one page per noun, showing what the reader may see. */
export const sharedRoutes: AnyRoute[] = [
  createRoute({ getParentRoute: parent, path: '/leads/$id', component: LeadPage }),
  createRoute({ getParentRoute: parent, path: '/awards/$id', component: AwardPage }),
  createRoute({ getParentRoute: parent, path: '/conversions/$id', component: ConversionPage }),
  createRoute({ getParentRoute: parent, path: '/disputes/$id', component: DisputePage }),
  createRoute({ getParentRoute: parent, path: '/statements/$id', component: StatementPage }),
];
